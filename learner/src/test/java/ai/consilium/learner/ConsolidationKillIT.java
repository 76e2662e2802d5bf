package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.TestSeed;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * docs/design.md, Promises, 4.1, of consolidation: its learner, killed with SIGKILL at any named point, ends with the bits of one
 * that nobody disturbed.
 */
@Tag("kill")
class ConsolidationKillIT {
    private static final int STEPS = FaultPoint.ofEveryStep().size();
    private static final int BATCH = 2;
    private static final LearnerTask TASK = LearnerProcess.task(Topics.UNIFIED, BATCH, STEPS);
    private static final long START = 1;
    private static final List<String> SPECIALTIES = List.of("adult_medicine", Groups.SPECIALTY);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static LearnerRig rig;
    private static Path shared;
    private static List<TrainingGroup> groups;
    private static List<PolicyUpdate> undisturbed;

    @BeforeAll
    static void record(@TempDir Path directory) throws Exception {
        shared = directory;
        rig = new LearnerRig(shared);
        RunContext run = merged();
        try (LearnerService learner =
                rig.learner(run, Topics.UNIFIED, TASK, shared.resolve("undisturbed"), FaultPoint.Plan.NONE)) {
            learner.start();
            PolicyUpdate start = LearnerLog.awaitVersion(run, Topics.UNIFIED, START);
            groups = new ArrayList<>(lessons(run, 0, List.of(start)));
            LearnerLog.publish(run, groups);
            PolicyUpdate next = LearnerLog.awaitVersion(run, Topics.UNIFIED, START + 1);
            List<TrainingGroup> others = lessons(run, 1, List.of(start, next));
            LearnerLog.publish(run, others);
            groups.addAll(others);
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure()).isEmpty();
        }
        undisturbed = unified(run);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    /** A run whose experts are final and merged. */
    private static RunContext merged() {
        RunContext run = LearnerRig.run(cluster);
        List<Parent> experts = new ArrayList<>();
        for (int i = 0; i < SPECIALTIES.size(); i++) {
            experts.add(parent(
                    publish(run, SPECIALTIES.get(i), UpdateKind.REINFORCEMENT, true, rig.random(10 + i), List.of())));
        }
        publish(run, Topics.UNIFIED, UpdateKind.MERGE, false, rig.random(20), experts);
        return run;
    }

    private static Parent parent(PolicyUpdate update) {
        return new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash());
    }

    private static PolicyUpdate publish(
            RunContext run, String policy, UpdateKind kind, boolean last, Adapter adapter, List<Parent> parents) {
        return LearnerLog.publish(
                run,
                PolicyUpdate.newBuilder(Groups.update(START, adapter.hash()))
                        .setSpecialty(policy)
                        .setKind(kind)
                        .setFinalVersion(last)
                        .setParents(parents)
                        .build(),
                adapter);
    }

    /** Of the first step, or of all others, of the specialties in turn. */
    private static List<TrainingGroup> lessons(RunContext run, int step, List<PolicyUpdate> versions)
            throws InterruptedException {
        List<TrainingGroup> lessons = new ArrayList<>();
        for (int i = step * BATCH; i < (step == 0 ? BATCH : STEPS * BATCH); i++) {
            lessons.add(rig.lesson(run, "unified-" + i, SPECIALTIES.get(i % SPECIALTIES.size()), versions));
        }
        return lessons;
    }

    private static List<PolicyUpdate> unified(RunContext run) {
        return LearnerLog.updates(run).stream()
                .filter(update -> update.getSpecialty().equals(Topics.UNIFIED))
                .toList();
    }

    private static List<String> hashes(List<PolicyUpdate> updates) {
        return updates.stream().map(PolicyUpdate::getAdapterHash).toList();
    }

    @Test
    void givenConsolidationWhenUndisturbedThenEveryVersionNamesItsTeachersAndTheAgentComesNearerToThem() {
        assertThat(undisturbed).hasSize(STEPS + 1);
        assertThat(undisturbed.subList(1, STEPS + 1)).allSatisfy(update -> {
            assertThat(update.getKind()).isEqualTo(UpdateKind.DISTILLATION);
            assertThat(update.getParents())
                    .extracting(Parent::getSpecialty)
                    .containsExactly(Topics.UNIFIED, "adult_medicine", Groups.SPECIALTY);
            assertThat(update.getFigures()).containsKeys("distill/kl", "distill/agreement", "max_dlogp", "pg_loss");
        });
        assertThat(undisturbed.get(STEPS).getFinalVersion()).isTrue();
        assertThat(undisturbed.get(STEPS).getFigures().get("distill/kl"))
                .isLessThan(undisturbed.get(1).getFigures().get("distill/kl"));
        assertThat(undisturbed.get(1).getFigures().get("on_policy/max_dlogp")).isLessThan(1e-3);
        assertThat(LearnerRig.checkpoint(shared.resolve("undisturbed"), Topics.UNIFIED, START + STEPS)
                        .facts()
                        .config())
                .containsKeys("adapter of adult_medicine", "adapter of pediatrics", "adapter of unified");
    }

    @Test
    void givenALearnerThatIsKilledAtEveryPointWhenItIsStartedOnceMoreThenItEndsWithTheSameBits(
            @TempDir Path checkpoints) throws Exception {
        List<FaultPoint> points = new ArrayList<>(FaultPoint.ofEveryStep());
        Collections.shuffle(points, new Random(TestSeed.of(ConsolidationKillIT.class)));
        RunContext run = merged();
        LearnerLog.publish(run, groups);
        killAtEach(points, run, checkpoints);

        try (LearnerService last = rig.learner(run, Topics.UNIFIED, TASK, checkpoints, FaultPoint.Plan.NONE)) {
            last.start();
            LearnerRig.awaitEnd(last);
            assertThat(last.threads().get(0).failure()).isEmpty();
        }

        assertThat(hashes(unified(run))).containsExactlyElementsOf(hashes(undisturbed));
        Checkpoint end = LearnerRig.checkpoint(checkpoints, Topics.UNIFIED, START + STEPS);
        Checkpoint expected = LearnerRig.checkpoint(shared.resolve("undisturbed"), Topics.UNIFIED, START + STEPS);
        LearnerRig.assertSame(end, expected);
        LearnerLog.assertTrainedOnce(run, groups);
    }

    private static void killAtEach(List<FaultPoint> points, RunContext run, Path checkpoints)
            throws IOException, InterruptedException {
        for (int i = 0; i < points.size(); i++) {
            LearnerProcess.killAt(points.get(i), START + 1 + i, run, Topics.UNIFIED, TASK, shared, checkpoints);
        }
    }
}
