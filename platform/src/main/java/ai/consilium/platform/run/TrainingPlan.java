package ai.consilium.platform.run;

import static ai.consilium.platform.config.Require.requireAtLeast;

/**
 * How far a run trains and in which batches: the scheduler paces prompts by it, learners take their steps by it.
 *
 * @param seed of everything that is drawn, the simulated cases apart
 * @param steps reinforcement updates per specialty and round
 * @param batchSize groups per update, B
 * @param maxOffPolicySteps largest staleness that is trained on, η: versions that sampling may run ahead of training; 0 is
 *     synchronous
 */
public record TrainingPlan(long seed, int steps, int batchSize, int maxOffPolicySteps) {
    /** Checks the values. */
    public TrainingPlan {
        requireAtLeast("batch_size", 1, batchSize);
        requireAtLeast("max_off_policy_steps", 0, maxOffPolicySteps);
        requireAtLeast("steps", 1, steps);
    }

    /** The last version of an expert in so many rounds; 0 for no rounds, or for any number. */
    public int lastVersion(int rounds) {
        return lastVersion(rounds, steps);
    }

    /** The same by the steps alone: of each round so many, and between two the start of the next. */
    public static int lastVersion(int rounds, int steps) {
        return Math.max(0, rounds * (steps + 1) - 1);
    }
}
