package ai.consilium.rollout.scheduler;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.TrainingPlan;
import java.time.Duration;
import java.util.List;

/** Configurations for tests. */
final class SchedulerConfigs {
    static final SchedulerConfig.Staleness WAIT = new SchedulerConfig.Staleness("wait", 2, 1);

    static final int MOST_UNTRAINED = 4;

    static SchedulerConfig scheduler(int batchSize, int maxOffPolicySteps, int steps) {
        return scheduler(batchSize, maxOffPolicySteps, WAIT, steps);
    }

    /** Whose cases sit out after groups that taught nothing. */
    static SchedulerConfig byPassRate(int batchSize, int maxOffPolicySteps, int steps) {
        return scheduler(batchSize, maxOffPolicySteps, WAIT, steps, "pass_rate");
    }

    static SchedulerConfig scheduler(
            int batchSize, int maxOffPolicySteps, SchedulerConfig.Staleness staleness, int steps) {
        return scheduler(batchSize, maxOffPolicySteps, staleness, steps, "none");
    }

    private static SchedulerConfig scheduler(
            int batchSize, int maxOffPolicySteps, SchedulerConfig.Staleness staleness, int steps, String curriculum) {
        return new SchedulerConfig(
                4,
                new TrainingPlan(11, steps, batchSize, maxOffPolicySteps),
                staleness,
                MOST_UNTRAINED,
                curriculum,
                0,
                List.of(Perspective.ANALYTICAL, Perspective.NONE),
                0,
                new SchedulerConfig.Sampling(1, 16),
                Duration.ofMinutes(2));
    }

    /** Books of specialties alone. */
    static AdmissionController books(List<String> specialties, SchedulerConfig config) {
        return new AdmissionController(Pace.of(specialties, config, ConsolidationPlan.NONE));
    }

    private SchedulerConfigs() {}
}
