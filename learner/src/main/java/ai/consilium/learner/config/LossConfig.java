package ai.consilium.learner.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.policy.training.PolicyLoss;
import ai.consilium.policy.training.PolicyLoss.Bounds;
import ai.consilium.policy.training.PolicyLoss.Correction;
import ai.consilium.policy.training.PolicyLoss.Level;
import java.util.List;
import java.util.Locale;

/**
 * Objective of the policy gradient (docs/algorithms.md, Policy loss).
 *
 * @param type {@code dapo}, {@code grpo}, {@code dr_grpo}, {@code gspo} or {@code cispo}
 * @param clipEpsLow lower clip of a token's ratio: dapo, grpo, dr_grpo
 * @param clipEpsHigh upper clip of a token's ratio
 * @param gspo bounds of a sequence's ratio
 * @param cispo bound of a weight
 * @param klCoef coefficient of k3 to the reference, version 0; at 0 the reference is not computed
 * @param isMode what is done about tokens of older policies: {@code truncate} their importance weights to the bounds or
 *     {@code mask} tokens whose weight is outside, {@code bypass} (the ratio is taken to the policy that sampled), or
 *     {@code none}
 * @param isLevel whose ratio is the weight of a token: {@code token} its own, {@code sequence} the product over its
 *     completion, {@code geometric} the geometric mean over its completion
 * @param isCap largest importance weight
 * @param isLow smallest importance weight, at most 1; 0 for none
 * @param maskTruncated whether completions that were cut at the limit leave the loss; else they count like others, mostly as
 *     what to avoid
 */
public record LossConfig(
        String type,
        double clipEpsLow,
        double clipEpsHigh,
        Gspo gspo,
        Cispo cispo,
        double klCoef,
        String isMode,
        String isLevel,
        double isCap,
        double isLow,
        boolean maskTruncated) {
    /** Every {@code type}. */
    private static final List<String> TYPES = List.of("dapo", "grpo", "dr_grpo", "gspo", "cispo");

    /** Every {@code is_mode}. */
    private static final List<String> MODES = List.of("truncate", "mask", "bypass", "none");

    /** Every {@code is_level}. */
    private static final List<String> LEVELS = List.of("token", "sequence", "geometric");

    /**
     * GSPO's own bounds: ratios of sequences lie much closer to 1 than those of tokens.
     *
     * @param clipEpsLow lower clip
     * @param clipEpsHigh upper clip
     */
    public record Gspo(double clipEpsLow, double clipEpsHigh) {
        /** Refuses what cannot be meant. */
        public Gspo {
            requireClips(clipEpsLow, clipEpsHigh);
        }
    }

    /**
     * CISPO's own bound.
     *
     * @param epsMax largest weight of a token
     */
    public record Cispo(double epsMax) {
        /** Refuses what cannot be meant. */
        public Cispo {
            require(epsMax > 0, "eps_max must be above 0");
        }
    }

    /** Refuses what cannot be meant. */
    public LossConfig {
        requireOneOf("type", TYPES, type);
        requireClips(clipEpsLow, clipEpsHigh);
        require(klCoef >= 0, "kl_coef must not be negative");
        requireOneOf("is_mode", MODES, isMode);
        requireOneOf("is_level", LEVELS, isLevel);
        require(isCap >= 1, "is_cap must be at least 1");
        require(isLow >= 0 && isLow <= 1, "is_low must be in [0, 1]");
    }

    /**
     * As the trainer takes it.
     *
     * @param maxTokens longest completion
     */
    public PolicyLoss objective(int maxTokens) {
        Correction correction = correction();
        return switch (type) {
            case "grpo" -> PolicyLoss.grpo(clipEpsLow, clipEpsHigh, correction, klCoef);
            case "dr_grpo" -> PolicyLoss.drGrpo(clipEpsLow, clipEpsHigh, maxTokens, correction, klCoef);
            case "gspo" -> PolicyLoss.gspo(gspo.clipEpsLow(), gspo.clipEpsHigh(), correction, klCoef);
            case "cispo" -> PolicyLoss.cispo(cispo.epsMax(), correction, klCoef);
            default -> PolicyLoss.dapo(clipEpsLow, clipEpsHigh, correction, klCoef);
        };
    }

    private Correction correction() {
        Level level = switch (isLevel) {
            case "sequence" -> Level.SEQUENCE;
            case "geometric" -> Level.GEOMETRIC;
            default -> Level.TOKEN;
        };
        Bounds bounds = new Bounds(level, isLow, isCap);
        return switch (isMode) {
            case "mask" -> new Correction.Mask(bounds);
            case "bypass" -> new Correction.Bypass(bounds);
            case "none" -> new Correction.Ignore(bounds);
            default -> new Correction.Truncate(bounds);
        };
    }

    private static void requireClips(double low, double high) {
        require(low > 0 && low < 1, "clip_eps_low must be in (0, 1)");
        require(high > 0, "clip_eps_high must be above 0");
    }

    static void requireOneOf(String key, List<String> allowed, String value) {
        require(
                allowed.contains(value),
                String.format(Locale.ROOT, "%s must be one of %s, not '%s'", key, String.join(", ", allowed), value));
    }
}
