package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunManifest;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EarlyEndIT {
    private static final LearnerTask TASK =
            new LearnerTask(new TrainingPlan(7, 5, 2, 5), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 12);

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenALearnerThatIsToldToEndWhenNoBatchIsThereThenItsLastVersionHasNoGroupsAndStandsAfterARestart(
            @TempDir Path directory) throws Exception {
        RunContext run = LearnerRig.run(cluster);
        try (LearnerRig rig = new LearnerRig(directory)) {
            Path checkpoints = directory.resolve("checkpoints");
            // given one step, and a group that makes no batch
            try (LearnerService learner = rig.learner(run, TASK, checkpoints)) {
                learner.start();
                PolicyUpdate start = LearnerLog.awaitVersion(run, 0);
                LearnerLog.publish(
                        run,
                        List.of(
                                rig.sample(run, "first", start),
                                rig.sample(run, "second", start),
                                rig.sample(run, "third", start)));
                LearnerLog.awaitVersion(run, 1);

                // when another policy is told to end, and then this one
                tell(run, new EarlyEnd("adult_medicine", 0));
                tell(run, new EarlyEnd(Groups.SPECIALTY, 0));
                LearnerRig.awaitEnd(learner);
                assertThat(learner.threads().get(0).failure()).isEmpty();
            }

            // then
            List<PolicyUpdate> updates = LearnerLog.updates(run);
            assertThat(updates).extracting(PolicyUpdate::getFinalVersion).containsExactly(false, false, true);
            PolicyUpdate last = updates.get(2);
            assertThat(last.getAdapterHash()).isEqualTo(updates.get(1).getAdapterHash());
            assertThat(LearnerLog.adapter(run, last).hash()).isEqualTo(last.getAdapterHash());
            assertThat(last.getGroupIds()).isEmpty();
            assertThat(last.getConsumed()).isEmpty();
            assertThat(LearnerLog.outcomes(run))
                    .extracting(GroupOutcome::getGroupId)
                    .as("the third is the scheduler's to end")
                    .containsExactly("first", "second");

            // and a learner that comes back has nothing to do
            try (LearnerService again = rig.learner(run, TASK, checkpoints)) {
                again.start();
                LearnerRig.awaitEnd(again);
                assertThat(again.threads().get(0).failure()).isEmpty();
            }
            assertThat(LearnerLog.updates(run)).hasSize(3);
        }
    }

    private static void tell(RunContext run, EarlyEnd end) {
        Optional<RunManifest> newest = ManifestLog.newest(run.kafka());
        RunManifest manifest = newest.orElseGet(() ->
                run.settings().revise(Optional.empty(), run.runId(), "test", 1).orElseThrow());
        ManifestLog.revise(run.kafka(), end.after(manifest, "test", 1), "test");
    }
}
