package ai.consilium.policy.memory;

import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;

/**
 * Bytes that merging takes while the experts are looked at on their cases, by what regmean.py and {@code ModuleInputs} hold.
 *
 * @param experts that are merged
 * @param cases of each, of which all hidden states are held
 * @param tokens of each that are looked at
 */
public record MergeMemory(QwenConfig config, Precision precision, int experts, int cases, int tokens) {
    /** Padded tokens that go through a layer at once, unless a single text is longer. */
    private static final int TEXT_TOKENS = 4096;

    /** States of the width of the model that a layer holds at once: those on their way, and what its linear maps were given. */
    private static final int STATES = 8;

    /** Rows of the inner width: gate | up, the activated gate, their product. */
    private static final int INNER = 4;

    /** Hidden states of the texts before a layer, as they were embedded, and cosines and sines. */
    public long stateBytes(int tokensOfACase) {
        long token = 2L * config.hidden() * precision.bytes() + 2L * config.headDim() * Float.BYTES;
        return (long) experts * cases * tokensOfACase * token;
    }

    /** What the four groups of linear maps of a layer were given, at the tokens that are looked at; of one expert twice, while it is put together. */
    public long inputBytes(int tokensOfACase) {
        long rows = (experts + 1L) * rows(tokensOfACase) / experts;
        return rows * precision.bytes() * (3L * config.hidden() + config.intermediate());
    }

    /** The experts' factors beside the base's matrices, as their cases go through the layers. */
    public long adapterBytes(AdapterMemory adapter) {
        return experts * adapter.besideBytes(precision);
    }

    /**
     * The larger of what is worked on by turns: a weight that is solved for, and texts that go through a layer, beside what the allocator
     * kept of a weight of another width.
     *
     * @param promptTokens of a case
     * @param completionTokens that follow
     */
    public long workBytes(int promptTokens, int completionTokens) {
        long left = stackedBytes(promptTokens + completionTokens);
        return left + Math.max(left, layerBytes(promptTokens, completionTokens));
    }

    /** What a layer holds of the texts that go through it at once, and its masks. */
    private long layerBytes(int promptTokens, int completionTokens) {
        long tokens = (long) promptTokens + completionTokens;
        long together = Math.max(1, Math.min(cases, TEXT_TOKENS / tokens));
        long states =
                tokens * precision.bytes() * (STATES * (long) config.hidden() + INNER * (long) config.intermediate());
        long scores = (long) promptTokens * promptTokens + completionTokens * tokens;
        long masks = scores * (config.heads() / config.kvHeads() * precision.bytes() + 2L * Float.BYTES);
        return together * (states + masks);
    }

    /**
     * Of the widest weight, in float64: the inputs of all experts under one another, and the factor of their products.
     */
    private long stackedBytes(int tokensOfACase) {
        long rows = rows(tokensOfACase);
        long in = Math.max(config.hidden(), config.intermediate());
        long side = 2 * rows > 3 * in ? in : rows;
        return Double.BYTES * (rows * in + side * side);
    }

    private long rows(int tokensOfACase) {
        return experts * Math.min(tokens, (long) cases * tokensOfACase);
    }
}
