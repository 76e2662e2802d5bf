package ai.consilium.policy.memory;

import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;

/**
 * Bytes that sampling takes beside the weights, by what sampling.py and vision.py hold at once. Rounded up where sizes grow by
 * steps; a value of the activations has the size of {@link Precision#bytes}.
 *
 * @param ids that a completion may hold: rows of the head that are computed
 */
public record SamplingMemory(QwenConfig config, Precision precision, int ids) {
    /** Tokens that are prefilled at once, unless a single prompt is longer. */
    private static final int PREFILL_TOKENS = 4096;

    /** Tokens of a prompt from which on it is prefilled without a mask, if it is alone. */
    private static final int UNMASKED_FROM = 1024;

    /** States of the width of the model that a layer of the decoder, or a block of the tower, holds at once. */
    private static final int STATES = 8;

    /** Rows of the inner width that an MLP holds at once: gate | up, the activated gate, their product. */
    private static final int INNER_STATES = 4;

    /** Keys and values of a token, in all layers. */
    public long slotBytes() {
        return 2L * config.layers() * config.kvHeads() * config.headDim() * precision.bytes();
    }

    /** Keys and values of a group. */
    public long groupBytes(GroupSize group) {
        return group.slots() * slotBytes();
    }

    /** A folded copy: the projections of all layers once more. */
    public long copyBytes() {
        return LoraTarget.all(config).stream()
                        .mapToLong(target -> (long) target.in() * target.out())
                        .sum()
                * precision.bytes();
    }

    /** The packed head, which all folded copies share. */
    public long headBytes() {
        return (long) ids * config.hidden() * precision.bytes();
    }

    /** While a copy is folded: the largest matrix as the update and the sum in float32, and the sum in the wanted type. */
    public long foldingBytes() {
        long gateUp = 2L * config.intermediate() * config.hidden();
        return gateUp * (2 * Float.BYTES + precision.bytes());
    }

    /**
     * While prompts are prefilled, some at once.
     *
     * @param prompts that may wait at the same time
     */
    public long prefillBytes(int promptTokens, int prompts) {
        long together = Math.max(1, Math.min(prompts, PREFILL_TOKENS / promptTokens));
        // For the query heads of a key head behind one another; while it is made, float32 for one.
        long square = (long) promptTokens * promptTokens;
        boolean masked = together > 1 || promptTokens <= UNMASKED_FROM;
        long mask = masked ? square * (config.heads() / config.kvHeads() * precision.bytes() + 2L * Float.BYTES) : 0;
        return together * (promptTokens * stateBytes() + mask);
    }

    /** What a layer of the decoder holds of a token. */
    private long stateBytes() {
        return precision.bytes() * (STATES * (long) config.hidden() + INNER_STATES * (long) config.intermediate());
    }

    /** While rows get their next token: logits in the activations' type, and as float32 tempered, in log-space, exponentiated and summed. */
    public long stepBytes(int rows) {
        return rows * (ids * (precision.bytes() + 4L * Float.BYTES) + stateBytes());
    }

    /** While the tower sees an image of so many patches: no mask, windows and frames side by side. */
    public long visionBytes(int patches) {
        QwenConfig.Vision vision = config.vision();
        long states = (long) patches
                * precision.bytes()
                * (STATES * (long) vision.hidden() + INNER_STATES * (long) vision.intermediate());
        long pixels = (long) patches * vision.patchValues() * Float.BYTES;
        return states + pixels;
    }

    /** What is kept of an image of so many patches. */
    public long featureBytes(int patches) {
        int merge = config.vision().merge();
        return (long) patches / (merge * merge) * config.hidden() * precision.bytes();
    }
}
