package ai.consilium.rollout.engine.vllm;

import ai.consilium.inference.prompt.PromptEncoder;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * What the servers of an engine share.
 *
 * @param never ids that no completion may hold
 * @param failure is told of what no server is to blame for: the engine can sample no more
 * @param tokens sampled so far
 */
record Fleet(
        VllmConfig config,
        PromptEncoder encoder,
        SampleQueue queue,
        Probe probe,
        ChatReply replies,
        List<Integer> never,
        AdapterDirectories directories,
        MeterRegistry metrics,
        AtomicLong tokens,
        Consumer<Throwable> failure) {

    void failed(Throwable cause) {
        failure.accept(cause);
    }
}
