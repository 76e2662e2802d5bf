package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.DirectoryCheckpoints;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An expert's second round over the agent of the first, which lies folded in its base. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class FoldedRoundIT {
    private static final int STEPS = 2;
    private static final int FIRST_OF_SECOND = STEPS + 1;
    private static final int LAST_OF_SECOND = FIRST_OF_SECOND + STEPS;
    private static final LearnerTask TASK = new LearnerTask(
            new TrainingPlan(7, STEPS, 1, STEPS), ConsolidationPlan.NONE, ValidationPlan.NONE, 2, true, 12);

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path directory;

    private LearnerRig rig;

    @BeforeEach
    void create() throws Exception {
        rig = new LearnerRig(directory);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void givenAFoldedAgentWhenSampledBesideTheModelThenTheLearnerAgreesAndARestartEndsWithTheSameBits()
            throws Exception {
        // given a learner that nobody disturbs
        RunContext run = LearnerRig.run(cluster);
        Adapter agent = rig.random(5, List.of("q_proj", "down_proj"), 99);
        List<TrainingGroup> groups = new ArrayList<>();
        try (LearnerService learner = rig.learner(run, TASK, directory.resolve("undisturbed"))) {
            learner.start();
            groups.addAll(groups(run, LearnerLog.awaitVersion(run, 0), 0));
            LearnerLog.publish(run, groups);
            LearnerLog.awaitVersion(run, STEPS);
            publish(run, agent);
            PolicyUpdate second = LearnerLog.awaitVersion(run, FIRST_OF_SECOND);
            assertOver(second, agent);
            // Sampled by factors side by side over the model itself, as a worker does.
            List<TrainingGroup> more = groups(run, second, 1);
            LearnerLog.publish(run, more);
            groups.addAll(more);
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure()).isEmpty();
        }
        PolicyUpdate step = LearnerLog.awaitVersion(run, FIRST_OF_SECOND + 1L);
        assertThat(step.getFigures().get("max_dlogp"))
                .as("log-probabilities folded and side by side")
                .isCloseTo(0, within(1e-3));
        assertThat(step.getAdapterBytes())
                .isEqualTo(LearnerLog.awaitVersion(run, 1).getAdapterBytes());

        // when another is stopped in its second round and started again
        RunContext disturbed = LearnerRig.run(cluster);
        Path checkpoints = directory.resolve("disturbed");
        try (LearnerService learner = rig.learner(disturbed, TASK, checkpoints)) {
            learner.start();
            LearnerLog.publish(disturbed, groups.subList(0, STEPS));
            LearnerLog.awaitVersion(disturbed, STEPS);
            publish(disturbed, agent);
            LearnerLog.publish(disturbed, groups.subList(STEPS, STEPS + 1));
            LearnerLog.awaitVersion(disturbed, FIRST_OF_SECOND + 1L);
        }
        LearnerLog.publish(disturbed, groups.subList(STEPS + 1, groups.size()));
        try (LearnerService learner = rig.learner(disturbed, TASK, checkpoints)) {
            learner.start();
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure()).isEmpty();
        }

        // then
        LearnerRig.assertSame(last(checkpoints), last(directory.resolve("undisturbed")));
        assertOver(LearnerLog.awaitVersion(disturbed, LAST_OF_SECOND), agent);
    }

    @Test
    void givenAnotherBaseThanTheOneThatTheRoundBeganOverWhenResumedThenTheLearnerSaysSo() throws Exception {
        RunContext run = LearnerRig.run(cluster);
        Adapter agent = rig.random(5, List.of("q_proj"), 99);
        Path checkpoints = directory.resolve("checkpoints");
        try (LearnerService learner = rig.learner(run, TASK, checkpoints)) {
            learner.start();
            LearnerLog.publish(run, groups(run, LearnerLog.awaitVersion(run, 0), 0));
            LearnerLog.awaitVersion(run, STEPS);
            publish(run, agent);
            LearnerLog.awaitVersion(run, FIRST_OF_SECOND);
        }
        LearnerTask beside = new LearnerTask(
                TASK.plan(), TASK.consolidation(), TASK.validation(), TASK.rounds(), false, TASK.maxCompletionTokens());

        try (LearnerService learner = rig.learner(run, beside, checkpoints)) {
            learner.start();
            LearnerRig.awaitEnd(learner);
            assertThat(learner.threads().get(0).failure().orElseThrow())
                    .hasMessageContainingAll("was made with fold_agent = " + agent.hash(), "(nothing) now");
        }
    }

    @Test
    void givenARunWithoutAnEndWhenItsMergerEndsItThenTheLearnersBeginNoOtherRound() throws Exception {
        RunContext run = LearnerRig.run(cluster);
        LearnerTask endless = new LearnerTask(
                TASK.plan(), TASK.consolidation(), TASK.validation(), 0, true, TASK.maxCompletionTokens());
        Path checkpoints = directory.resolve("endless");
        try (LearnerService expert = rig.learner(run, endless, checkpoints);
                LearnerService unified = rig.learner(run, Topics.UNIFIED, endless, checkpoints, FaultPoint.Plan.NONE)) {
            expert.start();
            unified.start();
            LearnerLog.publish(run, groups(run, LearnerLog.awaitVersion(run, 0), 0));
            LearnerLog.awaitVersion(run, STEPS);
            assertThat(expert.finished()).isFalse();

            publish(run, rig.random(5, List.of("q_proj"), 99), true);

            LearnerRig.awaitEnd(expert);
            LearnerRig.awaitEnd(unified);
            assertThat(expert.threads().get(0).failure()).isEmpty();
            assertThat(unified.threads().get(0).failure()).isEmpty();
        }
        assertThat(LearnerLog.updates(run)).extracting(PolicyUpdate::getRound).containsOnly(0);
    }

    private static void assertOver(PolicyUpdate update, Adapter agent) {
        FoldedAgent folded = update.getFoldedAgent();
        assertThat(folded).isNotNull();
        assertThat(folded.getVersion()).isEqualTo(1);
        assertThat(folded.getAdapterHash()).isEqualTo(agent.hash());
        assertThat(update.getRound()).isEqualTo(1);
    }

    private List<TrainingGroup> groups(RunContext run, PolicyUpdate version, int round) throws InterruptedException {
        List<TrainingGroup> groups = new ArrayList<>();
        for (int i = 0; i < STEPS; i++) {
            groups.add(TrainingGroup.newBuilder(rig.sample(run, "group-" + round + "-" + i, version))
                    .setRound(round)
                    .build());
        }
        return groups;
    }

    private static void publish(RunContext run, Adapter agent) {
        publish(run, agent, false);
    }

    private static void publish(RunContext run, Adapter agent, boolean endsRun) {
        PolicyUpdate update = PolicyUpdate.newBuilder(RunRecords.update(Topics.UNIFIED, 1, 1, 1))
                .setKind(UpdateKind.MERGE)
                .setFinalVersion(true)
                .setEndsRun(endsRun)
                .build();
        LearnerLog.publish(run, update, agent);
    }

    private static Checkpoint last(Path checkpoints) {
        Path second = checkpoints.resolve(Groups.SPECIALTY).resolve("round-2");
        return new CheckpointStore(new DirectoryCheckpoints(second, false), FIRST_OF_SECOND, FaultPoint.Plan.NONE)
                .read(LAST_OF_SECOND)
                .orElseThrow();
    }
}
