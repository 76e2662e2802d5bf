package ai.consilium.rollout.worker;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.engine.InferenceEngine.Prepared;
import ai.consilium.schemas.Prompt;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * A prompt that is being sampled.
 *
 * @param startNs monotonic clock
 */
record GroupInProgress(
        ConsumerRecord<String, Decoded<Prompt>> record,
        Prompt prompt,
        Prepared prepared,
        CompletableFuture<List<Completion>> completions,
        long startNs) {

    boolean late() {
        return late(prompt);
    }

    /** Whether a prompt's deadline has passed: then the advantage stream ends its group. */
    static boolean late(Prompt prompt) {
        return prompt.getDeadlineMs() < System.currentTimeMillis();
    }

    Duration sinceStart() {
        return Duration.ofNanos(System.nanoTime() - startNs);
    }

    int deliveryCount() {
        return record.deliveryCount().map(Short::intValue).orElse(1);
    }
}
