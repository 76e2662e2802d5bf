package ai.consilium.platform.run;

import static ai.consilium.platform.config.Require.require;
import static ai.consilium.platform.config.Require.requireAtLeast;

import java.util.List;

/**
 * How the merged experts are made one agent (docs/algorithms.md, Consolidation): it samples training cases of all specialties, and
 * each token's distribution is pulled towards that of the case's expert. The scheduler opens the prompts by it, a learner takes its
 * steps by it, the merger waits for the last of them.
 *
 * @param steps updates; 0: the merged experts are the agent
 * @param batchSize groups per update, of the specialties in turn
 * @param groupSize samples per group
 * @param maxOffPolicySteps versions that sampling may run ahead of training
 * @param learningRate peak
 * @param finalLrFraction share of the peak that is left at the last step, in [0, 1]
 * @param opdCoef weight of the distance to the experts
 * @param rewardCoef weight of the policy gradient on the agent's own rewards; 0: its samples are not scored
 * @param divergence {@code full}: over the whole vocabulary, {@code sampled}: by the sampled token alone, {@code auto}: full up to
 *     16,384 ids
 */
public record ConsolidationPlan(
        int steps,
        int batchSize,
        int groupSize,
        int maxOffPolicySteps,
        double learningRate,
        double finalLrFraction,
        double opdCoef,
        double rewardCoef,
        String divergence) {
    /** Most ids whose log-probabilities by two policies are held at once for every token of a part of a batch. */
    private static final int FULL_UP_TO = 16_384;

    private static final List<String> DIVERGENCES = List.of("auto", "full", "sampled");

    /** Without one. */
    public static final ConsolidationPlan NONE = new ConsolidationPlan(0, 1, 1, 0, 1, 0, 1, 0, "auto");

    /** Checks the values. */
    public ConsolidationPlan {
        requireAtLeast("steps", 0, steps);
        requireAtLeast("batch_size", 1, batchSize);
        requireAtLeast("group_size", 1, groupSize);
        requireAtLeast("max_off_policy_steps", 0, maxOffPolicySteps);
        require(learningRate > 0, "learning_rate must be above 0");
        require(finalLrFraction >= 0 && finalLrFraction <= 1, "final_lr_fraction must be in [0, 1]");
        require(
                Double.isFinite(opdCoef) && opdCoef > 0,
                "opd_coef must be above 0: consolidation learns from the experts");
        require(Double.isFinite(rewardCoef) && rewardCoef >= 0, "reward_coef must be 0 or more");
        require(
                rewardCoef == 0 || groupSize >= 4,
                "group_size must be at least 4 where reward_coef is above 0: advantages are relative to the group");
        require(
                DIVERGENCES.contains(divergence),
                "divergence must be one of " + String.join(", ", DIVERGENCES) + ", not '" + divergence + "'");
    }

    /** Whether there is anything to do. */
    public boolean wanted() {
        return steps > 0;
    }

    /** Whether its samples are scored, and their rewards followed too. */
    public boolean rewarded() {
        return rewardCoef > 0;
    }

    /** Whether a vocabulary of so many ids is looked at as a whole. */
    public boolean full(int ids) {
        return divergence.equals("full") || divergence.equals("auto") && ids <= FULL_UP_TO;
    }

    /** Its pace, as for a specialty; only where there is anything to do. */
    public TrainingPlan pace(long seed) {
        return new TrainingPlan(seed, steps, batchSize, maxOffPolicySteps);
    }
}
