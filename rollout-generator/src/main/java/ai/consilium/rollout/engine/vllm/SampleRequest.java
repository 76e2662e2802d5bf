package ai.consilium.rollout.engine.vllm;

import ai.consilium.random.SplitMix64;
import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.schemas.Sampling;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Those samples of a group that share a prompt: one request of a server, sent again until one answers it well. */
final class SampleRequest {
    private final PendingGroup group;
    private final ChatPrompt prompt;
    private final List<Integer> indexes;
    private final Draw draw;
    private final AtomicInteger refusals = new AtomicInteger();
    private volatile @Nullable CompletableFuture<?> call;

    private SampleRequest(PendingGroup group, ChatPrompt prompt, List<Integer> indexes, Draw draw) {
        this.group = group;
        this.prompt = prompt;
        this.indexes = List.copyOf(indexes);
        this.draw = draw;
    }

    /**
     * The requests of a group.
     *
     * @param ends tokens that end a completion
     */
    static List<SampleRequest> of(PendingGroup group, ChatGroup prompts, Sampling sampling, SortedSet<Integer> ends) {
        Map<ChatPrompt, List<Integer>> samples = new LinkedHashMap<>();
        for (int i = 0; i < prompts.prompts().size(); i++) {
            samples.computeIfAbsent(prompts.prompts().get(i), prompt -> new ArrayList<>())
                    .add(i);
        }
        List<SampleRequest> requests = new ArrayList<>();
        samples.forEach((prompt, indexes) -> {
            // A server decodes greedily one completion at a time only.
            boolean greedy = sampling.getTemperature() == 0;
            List<List<Integer>> parts = greedy ? indexes.stream().map(List::of).toList() : List.of(indexes);
            for (List<Integer> part : parts) {
                Draw draw = new Draw(
                        part.size(),
                        sampling.getTemperature(),
                        sampling.getMaxCompletionTokens(),
                        ends,
                        seed(prompts.seed(), part.get(0)));
                requests.add(new SampleRequest(group, prompt, part, draw));
            }
        });
        return requests;
    }

    /** Not negative, and with room for a server to count on from it. */
    private static long seed(long groupSeed, int sample) {
        return SplitMix64.seed(groupSeed, "vllm", Integer.toString(sample)) >>> 2;
    }

    String policy() {
        return group.policy();
    }

    ChatPrompt prompt() {
        return prompt;
    }

    Draw draw() {
        return draw;
    }

    /** Whether somebody still waits for it. */
    boolean wanted() {
        return !group.future().isDone();
    }

    /** It was sent. */
    void sent(CompletableFuture<?> call) {
        this.call = call;
        if (!wanted()) {
            call.cancel(true);
        }
    }

    /** Nobody waits for it any more. */
    void giveUp() {
        CompletableFuture<?> sent = call;
        if (sent != null) {
            sent.cancel(true);
        }
    }

    /** A server did not take it. @return how often that has happened */
    int refused() {
        return refusals.incrementAndGet();
    }

    void complete(List<Completion> completions) {
        group.put(indexes, completions);
    }

    void fail(Throwable cause) {
        group.future().completeExceptionally(cause);
    }
}
