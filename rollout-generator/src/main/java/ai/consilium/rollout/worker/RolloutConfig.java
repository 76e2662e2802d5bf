package ai.consilium.rollout.worker;

import static ai.consilium.platform.config.Require.require;

/**
 * Rollout workers of one process.
 *
 * @param workers threads that take prompts; one more than the compute threads keeps these busy while one waits for the log
 * @param groupsPerBatch most groups that a worker holds and samples together
 */
public record RolloutConfig(int workers, int groupsPerBatch) {
    /** Checks the values. */
    public RolloutConfig {
        requireWithin("workers", workers, 64);
        requireWithin("groups_per_batch", groupsPerBatch, 500);
    }

    private static void requireWithin(String key, int value, int most) {
        require(value >= 1 && value <= most, key + " must be between 1 and " + most + ", not " + value);
    }
}
