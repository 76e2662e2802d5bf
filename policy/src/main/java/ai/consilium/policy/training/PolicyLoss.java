package ai.consilium.policy.training;

/**
 * Objective of the policy gradient (docs/algorithms.md, Policy loss): a loss per completion token, how tokens are
 * averaged over the batch, what is done about the distance to the policy that sampled, and a penalty on the distance to
 * the reference. The formulas are in policy_loss.py.
 *
 * @param surrogate loss of a token
 * @param averaging what a token counts for
 * @param correction for what an older policy sampled
 * @param klCoef coefficient of k3 to the reference; at 0 the reference is not computed
 */
public record PolicyLoss(Surrogate surrogate, Averaging averaging, Correction correction, double klCoef) {

    /** The same without a reference. */
    public PolicyLoss withoutPenalty() {
        return new PolicyLoss(surrogate, averaging, correction, 0);
    }

    /** Loss of a token, from the ratio of the policy to the one before the step. */
    public sealed interface Surrogate {
        /** Clipped by the token's own ratio to [1 - low, 1 + high]. */
        record TokenClip(double low, double high) implements Surrogate {}

        /** Clipped by the sequence's length-normalised ratio (GSPO, 2507.18071). */
        record SequenceClip(double low, double high) implements Surrogate {}

        /** The ratio, at most {@code highest}, weighs the log-probability (CISPO, 2506.13585). */
        record WeightedLogprob(double highest) implements Surrogate {}
    }

    /** What a token of a batch counts for. Truncated completions are not in the batch. */
    public sealed interface Averaging {
        /**
         * Share of each token of a completion.
         *
         * @param length its tokens
         * @param batch over all micro-batches
         */
        double share(int length, Totals batch);

        /** Every token the same (DAPO, 2503.14476). */
        record Tokens() implements Averaging {
            @Override
            public double share(int length, Totals batch) {
                return 1.0 / batch.tokens();
            }
        }

        /** Every completion the same, and within it every token (GRPO, 2402.03300). */
        record Sequences() implements Averaging {
            @Override
            public double share(int length, Totals batch) {
                return 1.0 / batch.sequences() / length;
            }
        }

        /**
         * Every token the same whatever the batch's lengths: divided by completions times the longest possible
         * (2503.20783).
         */
        record FixedLength(int maxTokens) implements Averaging {
            @Override
            public double share(int length, Totals batch) {
                return 1.0 / batch.sequences() / maxTokens;
            }
        }
    }

    /** Completions and their tokens in a batch, without truncated ones. */
    public record Totals(long sequences, long tokens) {}

    /** What is done about tokens that an older policy sampled. */
    public sealed interface Correction {
        /** Ratios to the policy that sampled that are out of bounds: corrected, or only counted. */
        Bounds bounds();

        /**
         * Decoupled PPO (2505.24298): weighed by the ratio of the policy before the step to the one that sampled, within
         * the bounds.
         */
        record Truncate(Bounds bounds) implements Correction {}

        /** The same, but what is out of bounds leaves the loss's numerator. */
        record Mask(Bounds bounds) implements Correction {}

        /** None: the surrogate's ratio is taken to the policy before the step, as if that had sampled. */
        record Ignore(Bounds bounds) implements Correction {}

        /** The surrogate's ratio is taken to the policy that sampled; no weights. */
        record Bypass(Bounds bounds) implements Correction {}
    }

    /**
     * Bounds of a ratio to the policy that sampled.
     *
     * @param level whose ratio
     * @param low 0 for none
     * @param cap above it
     */
    public record Bounds(Level level, double low, double cap) {
        /** Of a token's ratio, from above. */
        public static Bounds upTo(double cap) {
            return new Bounds(Level.TOKEN, 0, cap);
        }
    }

    /** Whose ratio a token's importance weight is. */
    public enum Level {
        /** Its own. */
        TOKEN,
        /** Its completion's: the product over the tokens. */
        SEQUENCE,
        /** The geometric mean over its completion's tokens. */
        GEOMETRIC
    }

    /** Token mean of the clipped surrogate (DAPO, 2503.14476). */
    public static PolicyLoss dapo(double low, double high, Correction correction, double klCoef) {
        return new PolicyLoss(new Surrogate.TokenClip(low, high), new Averaging.Tokens(), correction, klCoef);
    }

    /** Mean over completions of the token means (GRPO, 2402.03300). */
    public static PolicyLoss grpo(double low, double high, Correction correction, double klCoef) {
        return new PolicyLoss(new Surrogate.TokenClip(low, high), new Averaging.Sequences(), correction, klCoef);
    }

    /** Without length bias (Dr. GRPO, 2503.20783). */
    public static PolicyLoss drGrpo(double low, double high, int maxTokens, Correction correction, double klCoef) {
        return new PolicyLoss(
                new Surrogate.TokenClip(low, high), new Averaging.FixedLength(maxTokens), correction, klCoef);
    }

    /** Ratios of whole sequences (GSPO, 2507.18071). */
    public static PolicyLoss gspo(double low, double high, Correction correction, double klCoef) {
        return new PolicyLoss(new Surrogate.SequenceClip(low, high), new Averaging.Sequences(), correction, klCoef);
    }

    /** Clipped weights without dropping a token's gradient (CISPO, 2506.13585). */
    public static PolicyLoss cispo(double highest, Correction correction, double klCoef) {
        return new PolicyLoss(new Surrogate.WeightedLogprob(highest), new Averaging.Tokens(), correction, klCoef);
    }
}
