package ai.consilium.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Samples groups: the common prefix is encoded once and its keys and values are shared by the group's samples. Keeps the
 * folded weights of the adapters that it saw last. Noise depends only on (group seed, sample index, position).
 */
public final class Sampler implements AutoCloseable {
    /**
     * One group to sample.
     *
     * @param prompt common prefix
     * @param instructions tokens that each sample adds to the prefix, in sample order; the length is G
     * @param seed group seed
     */
    public record Group(EncodedPrompt prompt, List<int[]> instructions, long seed) {}

    /** @param temperature 0 decodes greedily @param maxTokens longest completion */
    public record Settings(double temperature, int maxTokens) {}

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
        throw new UnsupportedOperationException("stub");
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
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {}
}
