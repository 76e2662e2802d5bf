package ai.consilium.rollout.worker;

import ai.consilium.rollout.engine.vllm.VllmConfig;
import java.time.Duration;
import java.util.List;

/** Configurations of tests. */
final class RolloutConfigs {
    private RolloutConfigs() {}

    /** Samples in the test's process. */
    static RolloutConfig local(int workers) {
        VllmConfig none = new VllmConfig(List.of(), "", "", 8, 1, Duration.ofSeconds(1), 0);
        return new RolloutConfig(workers, 4, 160, 64, "local", none);
    }
}
