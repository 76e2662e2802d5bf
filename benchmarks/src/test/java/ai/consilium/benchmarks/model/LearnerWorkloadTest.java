package ai.consilium.benchmarks.model;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.training.PolicyLoss;
import ai.consilium.policy.training.Trainer;
import ai.consilium.testing.TinyPolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A made-up batch before a random small model. */
class LearnerWorkloadTest {
    private static final PolicyLoss LOSS =
            PolicyLoss.dapo(0.2, 0.28, new PolicyLoss.Correction.Truncate(PolicyLoss.Bounds.upTo(2)), 0);

    @TempDir
    Path directory;

    @Test
    void givenAMadeUpBatchThenTheTrainersPolicyCountsAsWhatSampledIt() throws Exception {
        try (TinyPolicy policy = TinyPolicy.create(directory, 3)) {
            LearnerWorkload made =
                    LearnerWorkload.of(policy.model().directory(), new LearnerWorkload.Size(2, 3, 24, 5, 4, 1));
            try (Trainer trainer = new Trainer(
                    policy.model(), policy.compute(), made.adapter(), new Trainer.Optimiser(0.9, 0.99, 1e-8, 0, 1))) {
                List<Trainer.Group> batch = made.sampledBy(trainer).groups();

                assertThat(maxDlogp(trainer, made.groups())).isGreaterThan(1);
                assertThat(maxDlogp(trainer, batch)).isLessThan(1e-5);
            }
        }
    }

    private static double maxDlogp(Trainer trainer, List<Trainer.Group> groups) throws InterruptedException {
        return trainer.policyStep(groups, LOSS, Optional.empty(), 1, 0).getOrDefault("max_dlogp", Double.NaN);
    }
}
