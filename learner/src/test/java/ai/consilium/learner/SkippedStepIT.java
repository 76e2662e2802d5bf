package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.OptimizerStateFile;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.policy.ModelException;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log with batches whose gradient is not finite: their advantages are finite, and the square of what they give is not. */
@Tag("kill")
class SkippedStepIT {
    private static final int STEPS = 2;
    private static final int BATCH = 2;
    private static final int BATCHES = 6;
    private static final LearnerTask TASK = LearnerProcess.task(Groups.SPECIALTY, BATCH, STEPS);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static LearnerRig rig;
    private static Path shared;
    /** Sampled by version 0, a batch after the other. */
    private static List<TrainingGroup> groups;

    @BeforeAll
    static void record(@TempDir Path directory) throws Exception {
        shared = directory;
        rig = new LearnerRig(shared);
        RunContext run = run();
        groups = new ArrayList<>();
        try (LearnerService learner = rig.learner(run, TASK, shared.resolve("start"))) {
            learner.start();
            PolicyUpdate start = LearnerLog.awaitVersion(run, 0);
            for (int i = 0; i < BATCH * BATCHES; i++) {
                groups.add(rig.sample(run, "group-" + i, start));
            }
        }
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static RunContext run() {
        return LearnerRig.run(cluster);
    }

    /** The log, with some batches that give no gradient. */
    private static List<TrainingGroup> broken(List<Integer> batches) {
        List<TrainingGroup> log = new ArrayList<>();
        for (int i = 0; i < groups.size(); i++) {
            TrainingGroup group = groups.get(i);
            log.add(
                    batches.contains(i / BATCH)
                            ? TrainingGroup.newBuilder(group)
                                    .setMembers(group.getMembers().stream()
                                            .map(member -> Member.newBuilder(member)
                                                    .setAdvantage(1e30)
                                                    .build())
                                            .toList())
                                    .build()
                            : group);
        }
        return log;
    }

    private static void finish(RunContext run, Path checkpoints) {
        try (LearnerService learner = rig.learner(run, TASK, checkpoints)) {
            learner.start();
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure()).isEmpty();
        }
    }

    /** The first outcome of each group, which counts. */
    private static Map<String, Outcome> outcomes(RunContext run) {
        return LearnerLog.outcomes(run).stream()
                .collect(Collectors.toMap(GroupOutcome::getGroupId, GroupOutcome::getOutcome, (first, again) -> first));
    }

    @Test
    void givenStepsWithoutAFiniteGradientThenTheyAreSkippedAndTheRunEndsAsIfTheirBatchesHadNotCome(
            @TempDir Path directory) throws Exception {
        // given a run of the good batches only, and one with two that break before each version
        RunContext good = run();
        LearnerLog.publish(good, List.of(groups.get(4), groups.get(5), groups.get(10), groups.get(11)));
        finish(good, directory.resolve("good"));
        RunContext run = run();
        LearnerLog.publish(run, broken(List.of(0, 1, 3, 4)));
        finish(run, directory.resolve("broken"));

        // then weights and moments are the same bit for bit, and versions say what was skipped
        Checkpoint end = LearnerRig.checkpoint(directory.resolve("broken"), STEPS);
        Checkpoint expected = LearnerRig.checkpoint(directory.resolve("good"), STEPS);
        assertThat(end.trained().adapter().hash())
                .isEqualTo(expected.trained().adapter().hash());
        assertThat(OptimizerStateFile.write(end.trained())).isEqualTo(OptimizerStateFile.write(expected.trained()));
        assertThat(end.facts().groupIds()).containsExactly("group-10", "group-11");
        assertThat(LearnerLog.updates(run))
                .extracting(update -> update.getFigures().getOrDefault("skipped_steps", 0.0))
                .containsExactly(0.0, 2.0, 2.0);
        for (int i = 0; i < groups.size(); i++) {
            assertThat(outcomes(run))
                    .containsEntry("group-" + i, i / BATCH == 2 || i / BATCH == 5 ? Outcome.TRAINED : Outcome.REJECTED);
        }
        assertThat(LearnerLog.outcomes(run))
                .filteredOn(outcome -> outcome.getOutcome() == Outcome.REJECTED)
                .extracting(GroupOutcome::getReason)
                .containsOnly("its step was skipped: the norm of the gradient is Infinity");
        assertThat(LearnerLog.all(run, Topics.RUN_EVENTS, RunEvent.class))
                .filteredOn(event -> event.getKind() == EventKind.REFUSED)
                .hasSize(4)
                .first()
                .extracting(RunEvent::getMessage)
                .asString()
                .contains("a step towards version 1 was skipped, groups group-0, group-1: the norm");
        assertThat(run.metrics()
                        .counter(MetricNames.LEARNER_STEPS_SKIPPED, "specialty", Groups.SPECIALTY)
                        .count())
                .isEqualTo(4);
    }

    @Test
    void givenALearnerThatIsKilledAroundASkippedStepWhenItComesBackThenItSkipsItAgainAndEndsWithTheSameBits(
            @TempDir Path directory) throws Exception {
        List<TrainingGroup> log = broken(List.of(0, 2, 3));
        RunContext undisturbed = run();
        LearnerLog.publish(undisturbed, log);
        finish(undisturbed, directory.resolve("undisturbed"));
        Path checkpoints = directory.resolve("killed");
        RunContext run = run();
        LearnerLog.publish(run, log);
        // when it is killed after the skipped step: before the version is written, before it is published
        LearnerProcess.killAt(FaultPoint.BACKWARD, 1, run, Groups.SPECIALTY, TASK, shared, checkpoints);
        LearnerProcess.killAt(FaultPoint.CHUNKS, 1, run, Groups.SPECIALTY, TASK, shared, checkpoints);
        LearnerProcess.killAt(FaultPoint.RENAME, 2, run, Groups.SPECIALTY, TASK, shared, checkpoints);
        finish(run, checkpoints);

        // then
        Checkpoint end = LearnerRig.checkpoint(checkpoints, STEPS);
        Checkpoint expected = LearnerRig.checkpoint(directory.resolve("undisturbed"), STEPS);
        assertThat(LearnerLog.updates(run))
                .extracting(PolicyUpdate::getAdapterHash)
                .isEqualTo(LearnerLog.updates(undisturbed).stream()
                        .map(PolicyUpdate::getAdapterHash)
                        .toList());
        assertThat(OptimizerStateFile.write(end.trained())).isEqualTo(OptimizerStateFile.write(expected.trained()));
        assertThat(end.facts().fromOffset()).isEqualTo(expected.facts().fromOffset());
        assertThat(end.facts().nextOffset()).isEqualTo(expected.facts().nextOffset());
        assertThat(end.facts().figures()).containsEntry("skipped_steps", 2.0);
        assertThat(outcomes(run)).isEqualTo(outcomes(undisturbed)).hasSize(BATCH * 5);
    }

    @Test
    void givenTooManySkippedStepsInARowThenTheRunEndsAndSaysWhy(@TempDir Path directory) {
        RunContext run = run();
        LearnerLog.publish(run, broken(List.of(1, 2, 3)));
        try (LearnerService learner = rig.learner(run, TASK, directory)) {
            learner.start();
            LearnerRig.awaitEnd(learner);

            assertThat(learner.threads().get(0).failure())
                    .get()
                    .isInstanceOf(ModelException.class)
                    .extracting(Throwable::getMessage)
                    .asString()
                    .startsWith("pediatrics: 3 steps in a row towards version 2 were skipped, the last with the groups "
                            + "[group-6, group-7]: the norm of the gradient is Infinity; version 1 remains the newest.")
                    .contains("optimiser.max_skipped_steps");
        }
        assertThat(outcomes(run).values()).filteredOn(Outcome.REJECTED::equals).hasSize(3 * BATCH);
    }
}
