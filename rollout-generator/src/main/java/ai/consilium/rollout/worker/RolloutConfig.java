package ai.consilium.rollout.worker;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.rollout.engine.vllm.VllmConfig;
import java.util.List;

/**
 * Rollout workers of one process, and what they sample on together.
 *
 * @param workers that take prompts
 * @param groupsPerBatch most groups that a worker takes and holds at once: so many times the workers are sampled together
 * @param maxSamples that decode together with one expert; more get a batch of their own
 * @param kvCacheMib memory for keys and values, in MiB; groups that find no room wait
 * @param engine local samples in this process, within max_samples and kv_cache_mib; vllm on the servers of vllm.urls
 */
public record RolloutConfig(
        int workers, int groupsPerBatch, int maxSamples, int kvCacheMib, String engine, VllmConfig vllm) {
    private static final String LOCAL = "local";
    private static final String VLLM = "vllm";

    /** Checks the values. */
    public RolloutConfig {
        requireWithin("workers", workers, 64);
        requireWithin("groups_per_batch", groupsPerBatch, 500);
        requireWithin("max_samples", maxSamples, 65_536);
        requireWithin("kv_cache_mib", kvCacheMib, 1 << 30);
        require(List.of(LOCAL, VLLM).contains(engine), "engine must be local or vllm, not '" + engine + "'");
        require(
                engine.equals(LOCAL) || !vllm.urls().isEmpty(),
                "vllm.urls must name at least one server when rollout.engine is vllm");
    }

    /** Whether servers sample. */
    public boolean remote() {
        return engine.equals(VLLM);
    }

    private static void requireWithin(String key, int value, int most) {
        require(value >= 1 && value <= most, key + " must be between 1 and " + most + ", not " + value);
    }
}
