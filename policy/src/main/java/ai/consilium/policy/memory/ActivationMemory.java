package ai.consilium.policy.memory;

import ai.consilium.policy.batch.PackedBatch.Shape;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.model.ModelDirectory;

/**
 * Bytes that the gradients of a part of a batch need at their peak, beside weights, adapter and optimiser. Counted from what the
 * operations of policy/torch keep for their backward passes; small things (ranks, masks of prompts without padding) are left out.
 * Pure arithmetic: nothing is loaded.
 *
 * @param config shape of the model
 * @param precision of weights and activations
 * @param ids rows of the head that are computed: what a completion may hold
 */
public record ActivationMemory(QwenConfig config, Precision precision, int ids) {
    private static final int FLOAT = 4;

    /** Of a token's logits as float32: log-probabilities, their gradient, and two steps on the way back. */
    private static final int LOGIT_COPIES = 4;

    /** Of a model that is not loaded. */
    public static ActivationMemory of(ModelDirectory model, Precision precision) {
        return new ActivationMemory(
                model.config(), precision, model.completionTokens().ids());
    }

    /** Of the plain route: one graph of all layers, all logits at once. */
    public long plain(Shape part) {
        long prefixes = (long) part.prompts() * part.promptTokens();
        long samples = (long) part.samples() * part.sampleTokens();
        long seen = (long) part.samples() * (2L * part.promptTokens() + part.sampleTokens());
        long share = config.heads() / config.kvHeads();
        long masks = precision.bytes()
                * share
                * (prefixes * part.promptTokens() + samples * (part.promptTokens() + part.sampleTokens()));
        long layers = config.layers() * ((prefixes + samples) * layerToken() + seen * keysAndValues());
        return layers + masks + (prefixes + samples) * onTheWayBack() + samples * logits();
    }

    /**
     * Of the checkpointed route over one group: each layer's inputs, and the largest of what is worked on at a time.
     *
     * @param group one prompt
     * @param working bytes for a slice of samples in a layer, or for a chunk of logits
     */
    public long checkpointed(Shape group, long working) {
        long samples = (long) group.samples() * group.sampleTokens();
        long states = (group.promptTokens() + samples) * config.hidden() * precision.bytes();
        long prefix = group.promptTokens() * (layerToken() + onTheWayBack());
        long slice = rows(group.promptTokens(), group.sampleTokens(), working)
                * row(group.promptTokens(), group.sampleTokens());
        long head = chunk(working) * logits() + 2 * samples * config.hidden() * precision.bytes();
        // Beside the inputs of all layers: the gradient that comes from above, and the one that goes on.
        return (config.layers() + 2) * states + Math.max(head, Math.max(prefix, slice));
    }

    /**
     * Samples that go through a layer at once.
     *
     * @param promptTokens before each
     * @param sampleTokens of the longest
     * @param working bytes that a layer's graph of them may take; one sample may take more
     */
    public int rows(int promptTokens, int sampleTokens, long working) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, working / row(promptTokens, sampleTokens)));
    }

    /** Tokens whose logits are there at once. @param working bytes that these may take; one token may take more */
    public int chunk(long working) {
        return (int) Math.max(1, Math.min(Integer.MAX_VALUE, working / logits()));
    }

    /** Of a sample in one layer's graph, with the way back through it. */
    private long row(int promptTokens, int sampleTokens) {
        long seen = promptTokens + (long) sampleTokens;
        // Keys and values: after one another, and then for each query head.
        long expanded = 2L * config.hidden() * precision.bytes();
        return sampleTokens * (layerToken() + onTheWayBack()) + seen * (keysAndValues() + 2 * expanded);
    }

    /**
     * What a layer keeps of a token: inputs of both norms in float32; normed states, q|k|v before and after they are turned,
     * queries, what the heads saw and the same in order; gate and up, the gate's activation, and the input of down.
     */
    private long layerToken() {
        long hidden = config.hidden();
        long kv = (long) config.kvHeads() * config.headDim();
        return 2 * hidden * FLOAT + precision.bytes() * (7 * hidden + 3 * kv + 4L * config.intermediate());
    }

    /** Gradients of a token at the widest place of a layer. */
    private long onTheWayBack() {
        return 3L * config.intermediate() * precision.bytes();
    }

    /** A layer's keys and values of a token. */
    private long keysAndValues() {
        return 2L * config.kvHeads() * config.headDim() * precision.bytes();
    }

    /** The head's work on one token. */
    private long logits() {
        return (long) LOGIT_COPIES * FLOAT * ids;
    }
}
