package ai.consilium.policy;

import ai.consilium.policy.torch.Scope;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples groups: the common prefix is encoded once and its keys and values are shared by the group's samples. Keeps the
 * folded weights of the adapters that it saw last. Noise depends only on (group seed, sample index, position).
 */
public final class Sampler implements AutoCloseable {
    private static final String END = "<|im_end|>";

    private final PolicyModel model;
    private final Compute compute;
    private final FoldedWeights folded;
    private final int end;

    /**
     * One group to sample.
     *
     * @param prompt common prefix
     * @param instructions tokens that each sample adds to the prefix, in sample order; the length is G
     * @param seed group seed
     */
    public record Group(EncodedPrompt prompt, List<int[]> instructions, long seed) {}

    /**
     * How to sample.
     *
     * @param temperature 0 decodes greedily
     * @param maxTokens longest completion
     */
    public record Settings(double temperature, int maxTokens) {
        /** Checks the range. */
        public Settings {
            if (!(temperature >= 0) || maxTokens < 1) {
                throw new IllegalArgumentException("temperature must not be negative and max_tokens at least 1");
            }
        }
    }

    /**
     * One completion.
     *
     * @param tokens ids, end-of-text included when it was sampled
     * @param logprobs of the sampled (tempered) distribution; of the untempered one when greedy
     * @param truncated cut at the limit
     */
    public record Completion(int[] tokens, float[] logprobs, boolean truncated) {}

    /** A sampler over a base model. */
    public Sampler(PolicyModel model, Compute compute) {
        this.model = model;
        this.compute = compute;
        this.folded = new FoldedWeights(model);
        this.end = model.directory().tokenizer().id(END);
    }

    /**
     * Samples every member of every group with one adapter, as one batch.
     *
     * @param adapter null samples the base
     * @return completions by group, then sample
     */
    public List<List<Completion>> sample(
            @Nullable Adapter adapter, List<Group> groups, Settings settings, Compute.Urgency urgency)
            throws InterruptedException {
        if (groups.stream().allMatch(group -> group.instructions().isEmpty())) {
            return groups.stream().map(group -> List.<Completion>of()).toList();
        }
        return compute.call(urgency, () -> {
            try (FoldedWeights.Lease lease = folded.lend(adapter);
                    Scope scope = Scope.open()) {
                Decoding decoding = new Decoding(model, lease.weights(), groups, settings, end, scope);
                return byGroup(groups, decoding.run());
            }
        });
    }

    private static List<List<Completion>> byGroup(List<Group> groups, List<Completion> rows) {
        List<List<Completion>> completions = new ArrayList<>();
        int row = 0;
        for (Group group : groups) {
            int samples = group.instructions().size();
            completions.add(List.copyOf(rows.subList(row, row + samples)));
            row += samples;
        }
        return completions;
    }

    @Override
    public void close() {
        folded.close();
    }
}
