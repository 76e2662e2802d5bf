package ai.consilium.rollout.engine.vllm;

import ai.consilium.rollout.engine.InferenceEngine.Completion;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A group some of whose samples are still to come. Thread-safe. */
final class PendingGroup {
    private final String policy;
    private final CompletableFuture<List<Completion>> future = new CompletableFuture<>();
    private final @Nullable Completion[] samples;
    private int missing;

    PendingGroup(String policy, int samples) {
        this.policy = policy;
        this.samples = new Completion[samples];
        this.missing = samples;
    }

    String policy() {
        return policy;
    }

    CompletableFuture<List<Completion>> future() {
        return future;
    }

    /** Takes some of the samples; the last ones complete the group. */
    void put(List<Integer> indexes, List<Completion> completions) {
        List<Completion> all;
        synchronized (this) {
            for (int i = 0; i < indexes.size(); i++) {
                samples[indexes.get(i)] = completions.get(i);
            }
            missing -= indexes.size();
            if (missing > 0) {
                return;
            }
            all = Arrays.stream(samples).map(Objects::requireNonNull).toList();
        }
        future.complete(all);
    }
}
