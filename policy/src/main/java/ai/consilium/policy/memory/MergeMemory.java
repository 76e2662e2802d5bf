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
    /** Hidden states of the texts before a layer, as they were embedded, and cosines and sines. */
    public long stateBytes(int tokensOfACase) {
        long token = 2L * config.hidden() * precision.bytes() + 2L * config.headDim() * Float.BYTES;
        return (long) experts * cases * tokensOfACase * token;
    }

    /** What the four groups of linear maps of a layer were given, at the tokens that are looked at. */
    public long inputBytes(int tokensOfACase) {
        long rows = rows(tokensOfACase);
        return rows * precision.bytes() * (3L * config.hidden() + config.intermediate());
    }

    /** The widest weight in float64: the inputs of all experts, twice while they are stacked, and their products, with a factor. */
    public long solvingBytes(int tokensOfACase) {
        long rows = rows(tokensOfACase);
        long in = Math.max(config.hidden(), config.intermediate());
        long side = 2 * rows > 3 * in ? in : rows;
        return Double.BYTES * (2 * rows * in + 2 * side * side);
    }

    private long rows(int tokensOfACase) {
        return experts * Math.min(tokens, (long) cases * tokensOfACase);
    }
}
