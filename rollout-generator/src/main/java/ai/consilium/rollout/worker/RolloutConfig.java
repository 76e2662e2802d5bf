package ai.consilium.rollout.worker;

import static ai.consilium.platform.config.Require.require;

/**
 * Rollout workers of one process, and what they sample on together.
 *
 * @param workers that take prompts
 * @param groupsPerWorker most groups that a worker holds at once: so many times the workers are sampled together
 * @param maxSamples that decode together with one expert; more get a batch of their own
 * @param kvCacheMib memory for keys and values, in MiB; groups that find no room wait
 */
public record RolloutConfig(int workers, int groupsPerWorker, int maxSamples, int kvCacheMib) {
    /** Checks the values. */
    public RolloutConfig {
        requireWithin("workers", workers, 64);
        requireWithin("groups_per_worker", groupsPerWorker, 500);
        requireWithin("max_samples", maxSamples, 65_536);
        requireWithin("kv_cache_mib", kvCacheMib, 1 << 30);
    }

    private static void requireWithin(String key, int value, int most) {
        require(value >= 1 && value <= most, key + " must be between 1 and " + most + ", not " + value);
    }
}
