package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.sft.DomainAdaptation;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.transaction.FencedException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LearnerIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final LearnerTask TASK = new LearnerTask(
            new TrainingPlan(7, STEPS, BATCH, STEPS), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 12);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static LearnerRig rig;
    /** Enough groups for a whole run, all sampled by version 0, and the run that they make when nobody disturbs it. */
    private static List<TrainingGroup> groups;

    private static RunContext undisturbedRun;
    private static List<PolicyUpdate> undisturbed;
    private static Path finished;

    private final Path directory;

    LearnerIT(@TempDir Path directory) {
        this.directory = directory;
    }

    @BeforeAll
    static void runUndisturbed(@TempDir Path shared) throws Exception {
        rig = new LearnerRig(shared);
        undisturbedRun = run();
        finished = shared.resolve("checkpoints");
        try (LearnerService learner = rig.learner(undisturbedRun, TASK, finished)) {
            groups = rig.train(undisturbedRun, learner, STEPS * BATCH);
        }
        undisturbed = LearnerLog.updates(undisturbedRun);
    }

    @AfterAll
    static void stop() {
        rig.close();
    }

    private static RunContext run() {
        return LearnerRig.run(cluster);
    }

    private static void assertTrainedOnce(RunContext run) {
        List<GroupOutcome> outcomes = LearnerLog.outcomes(run);
        assertThat(outcomes).extracting(GroupOutcome::getOutcome).containsOnly(Outcome.TRAINED);
        assertThat(outcomes)
                .extracting(GroupOutcome::getGroupId)
                .containsExactlyInAnyOrderElementsOf(
                        groups.stream().map(TrainingGroup::getGroupId).toList());
    }

    @Test
    void givenLearnersInSeparateProcessesWhenTheFirstSpecialtysComesThenBothStartFromOneSharedAdapter() {
        // given a learner of the second specialty, which does not make the shared start
        RunContext run = run();
        try (LearnerService second = sharing(run, Groups.SPECIALTY)) {
            second.start();
            Awaitility.await()
                    .untilAsserted(() -> assertThat(second.threads().get(0).waitingFor())
                            .isEqualTo("the shared start, which the learner of adult_medicine trains"));

            // when the first specialty's learner comes
            try (LearnerService first = sharing(run, "adult_medicine")) {
                first.start();
                Awaitility.await()
                        .atMost(Duration.ofSeconds(60))
                        .until(() -> LearnerLog.updates(run).size() == 3);
            }
        }

        // then it was published once, before the experts
        List<PolicyUpdate> updates = LearnerLog.updates(run);
        assertThat(updates)
                .extracting(PolicyUpdate::getSpecialty)
                .startsWith(Topics.UNIFIED)
                .containsExactlyInAnyOrder(Topics.UNIFIED, "adult_medicine", Groups.SPECIALTY);
        assertThat(updates).extracting(PolicyUpdate::getKind).containsOnly(UpdateKind.DSA);
        assertThat(updates).extracting(PolicyUpdate::getVersion).containsOnly(0L);
        assertThat(updates.stream().map(PolicyUpdate::getAdapterHash)).doesNotHaveDuplicates();
    }

    private LearnerService sharing(RunContext run, String specialty) {
        Path checkpoints = directory.resolve("shared-" + specialty);
        return new LearnerService(
                run, List.of(specialty), LearnerConfigs.tiny(2), TASK, rig.inputs(checkpoints), FaultPoint.Plan.NONE);
    }

    @Test
    void givenAnUndisturbedRunThenEveryGroupWasTrainedOnce() {
        assertTrainedOnce(undisturbedRun);
    }

    @Test
    void givenAnUndisturbedRunThenEveryVersionNamesWhatMadeIt() {
        assertThat(undisturbed).extracting(PolicyUpdate::getVersion).containsExactly(0L, 1L, 2L, 3L);
        assertThat(undisturbed.get(0).getKind()).isEqualTo(UpdateKind.DSA);
        assertThat(undisturbed).extracting(PolicyUpdate::getFinalVersion).containsExactly(false, false, false, true);
        assertThat(undisturbed.stream().map(PolicyUpdate::getAdapterHash).collect(Collectors.toSet()))
                .hasSize(4);
        for (int version = 1; version <= STEPS; version++) {
            PolicyUpdate update = undisturbed.get(version);
            assertThat(update.getKind()).isEqualTo(UpdateKind.REINFORCEMENT);
            assertThat(update.getGroupIds())
                    .containsExactly("group-" + (2 * version - 2), "group-" + (2 * version - 1));
            assertThat(update.getConsumed().get(0).getFromOffset()).isEqualTo(2L * version - 2);
            assertThat(update.getConsumed().get(0).getToOffset()).isEqualTo(2L * version);
            assertThat(update.getParents().get(0).getAdapterHash())
                    .isEqualTo(undisturbed.get(version - 1).getAdapterHash());
            assertThat(update.getFigures())
                    .containsEntry("staleness/max", version - 1.0)
                    .containsEntry("reward/accuracy", 0.5)
                    .containsKeys("pg_loss", "grad_norm", "lr", "entropy", "tokens", "wait_for_batch_seconds");
        }
    }

    @Test
    void givenGroupsOfTheStartThenTheirLogProbabilitiesAreThoseThatWereSampled() {
        // at staleness 0 the ratio is 1 up to float error
        assertThat(undisturbed.get(1).getFigures().get("max_dlogp")).isLessThan(1e-3);
        assertThat(undisturbed.get(1).getFigures())
                .containsEntry("on_policy/token_fraction", 1.0)
                .hasEntrySatisfying(
                        "on_policy/max_dlogp", largest -> assertThat(largest).isLessThan(1e-3));
        // later groups begin with version 0: none of them is on policy
        assertThat(undisturbed.get(2).getFigures())
                .containsEntry("on_policy/token_fraction", 0.0)
                .doesNotContainKey("on_policy/max_dlogp");
    }

    @Test
    void givenALearnerThatWaitsWhenASecondOfItsSpecialtyStartsThenTheFirstIsFenced() throws Exception {
        // given a learner that waits for groups
        RunContext run = run();
        Path moved = directory.resolve("moved");
        try (LearnerService first = rig.learner(run, TASK, directory.resolve("first"))) {
            first.start();
            LearnerLog.awaitVersion(run, 0);

            // when its checkpoints are taken elsewhere and a second one starts there
            LearnerRig.copy(directory.resolve("first"), moved);
            try (LearnerService second = rig.learner(run, TASK, moved)) {
                second.start();
                Awaitility.await()
                        .until(() -> second.threads().get(0).waitingFor().startsWith("training groups"));
                LearnerLog.publish(run, groups);
                LearnerRig.awaitEnd(first);
                LearnerRig.awaitEnd(second);

                // then
                assertThat(first.threads().get(0).failure()).containsInstanceOf(FencedException.class);
                assertThat(first.threads().get(0).failure().orElseThrow())
                        .hasMessageContaining("another learner of pediatrics has taken over");
                assertThat(second.threads().get(0).failure()).isEmpty();
            }
        }
        assertThat(LearnerLog.updates(run))
                .extracting(PolicyUpdate::getAdapterHash)
                .containsExactlyElementsOf(
                        undisturbed.stream().map(PolicyUpdate::getAdapterHash).toList());
        assertTrainedOnce(run);
    }

    @Test
    void givenAnAdapterTrainedElsewhereWhenItsExpertBeginsThenItIsVersionZeroWhateverItsRankAndIsTrainedOn()
            throws Exception {
        // given one of another rank and other targets than the learner would make
        RunContext run = run();
        Adapter start = rig.random(5, List.of("o_proj", "down_proj"), 11);
        LearnerTask brief = new LearnerTask(
                new TrainingPlan(7, 1, 1, 0), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 12);
        try (LearnerService learner = rig.learnerFrom(start, run, brief, directory)) {
            learner.start();
            PolicyUpdate zero = LearnerLog.awaitVersion(run, 0);
            assertThat(zero.getAdapterHash()).isEqualTo(start.hash());
            LearnerLog.publish(run, List.of(rig.sample(run, "first", zero)));
            LearnerRig.awaitEnd(learner);
        }
        PolicyUpdate trained = LearnerLog.awaitVersion(run, 1);
        assertThat(trained.getAdapterHash()).isNotEqualTo(start.hash());
        assertThat(LearnerRig.checkpoint(directory, 1).trained().adapter().targets())
                .isEqualTo(start.targets());

        // and another start is refused for its checkpoints
        try (LearnerService other = rig.learner(run, brief, directory)) {
            other.start();
            Awaitility.await().until(() -> other.threads().get(0).failure().isPresent());
            assertThat(other.threads().get(0).failure().orElseThrow())
                    .hasMessageContaining(
                            "was made with start.adapters = " + start.hash() + ", but it is (nothing) now");
        }
    }

    @Test
    void givenNoSupervisedStartThenReinforcementBeginsWithTheModelAsItIs() throws Exception {
        RunContext run = run();
        LearnerTask brief = new LearnerTask(
                new TrainingPlan(7, 1, 1, 0), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 12);
        LearnerConfig config = LearnerConfigs.untaught();
        LearnerInputs inputs = rig.inputs(directory);
        try (LearnerService learner =
                new LearnerService(run, List.of(Groups.SPECIALTY), config, brief, inputs, FaultPoint.Plan.NONE)) {
            learner.start();
            PolicyUpdate zero = LearnerLog.awaitVersion(run, 0);
            assertThat(zero.getAdapterHash())
                    .isEqualTo(DomainAdaptation.initial(inputs, config, 7).hash());
            LearnerLog.publish(run, List.of(rig.sample(run, "first", zero)));

            LearnerRig.awaitEnd(learner);
            assertThat(LearnerLog.awaitVersion(run, 1).getAdapterHash()).isNotEqualTo(zero.getAdapterHash());
        }
    }

    @Test
    void givenStaleAndUnusableGroupsWhenTheyAreReadThenTheirOutcomesAreWrittenAtOnce() throws Exception {
        RunContext run = run();
        LearnerTask onPolicy = new LearnerTask(
                new TrainingPlan(7, 2, 1, 0), ConsolidationPlan.NONE, ValidationPlan.NONE, 1, false, 12);
        try (LearnerService learner = rig.learner(run, onPolicy, directory)) {
            // given a group of another prompt, one to train on, and one of the same version that comes too late
            learner.start();
            PolicyUpdate start = LearnerLog.awaitVersion(run, 0);
            TrainingGroup forged = rig.sample(run, "forged", start);
            Member member = Member.newBuilder(forged.getMembers().get(0))
                    .setPromptHash("another prompt")
                    .build();
            LearnerLog.publish(
                    run,
                    List.of(
                            TrainingGroup.newBuilder(forged)
                                    .setMembers(List.of(member))
                                    .build(),
                            rig.sample(run, "fresh", start),
                            rig.sample(run, "late", start)));

            // then both are refused while the learner still waits for its next batch
            PolicyUpdate next = LearnerLog.awaitVersion(run, 1);
            Awaitility.await().until(() -> LearnerLog.outcomes(run).size() == 3);

            // when a fresh one comes
            LearnerLog.publish(run, List.of(rig.sample(run, "next", next)));
            LearnerRig.awaitEnd(learner);
        }
        assertThat(LearnerLog.outcomes(run))
                .extracting(outcome -> outcome.getGroupId() + " " + outcome.getOutcome())
                .containsExactly("forged REJECTED", "fresh TRAINED", "late STALE", "next TRAINED");
        assertThat(LearnerLog.outcomes(run).get(0).getReason()).contains("prompt hash");
        assertThat(LearnerLog.updates(run).get(2).getConsumed().get(0).getFromOffset())
                .isEqualTo(2);
    }

    @Test
    void givenALearnerThatWaitsWhenAnotherStartsWithoutItsCheckpointsThenThatOneIsRefusedAndTheFirstGoesOn() {
        // given a learner that waits for groups
        RunContext run = run();
        try (LearnerService first = rig.learner(run, TASK, directory.resolve("first"))) {
            first.start();
            LearnerLog.awaitVersion(run, 0);

            // when another starts without its checkpoints
            try (LearnerService lost = rig.learner(run, TASK, directory.resolve("empty"))) {
                lost.start();
                LearnerRig.awaitEnd(lost);
                assertThat(lost.threads().get(0).failure()).containsInstanceOf(UsageException.class);
                assertThat(lost.threads().get(0).failure().orElseThrow())
                        .hasMessageContaining("version 0 of pediatrics is on the log")
                        .hasMessageContaining("no checkpoint");
            }

            // then the first goes on
            LearnerLog.publish(run, groups);
            LearnerRig.awaitEnd(first);
            assertThat(first.threads().get(0).failure()).isEmpty();
        }
    }

    @Test
    void givenACheckpointOfAnotherLogWhenALearnerStartsThenItIsRefusedAndNothingIsPublished() throws Exception {
        // given the checkpoints of a whole run beside a log that is empty, as when its broker's volume was lost
        RunContext run = run();
        LearnerRig.copy(finished, directory.resolve("moved"));

        // when a learner starts there
        try (LearnerService learner = rig.learner(run, TASK, directory.resolve("moved"))) {
            learner.start();
            LearnerRig.awaitEnd(learner);

            // then
            assertThat(learner.threads().get(0).failure()).containsInstanceOf(UsageException.class);
            assertThat(learner.threads().get(0).failure().orElseThrow())
                    .hasMessageContaining("the checkpoint of pediatrics, version 3, belongs to another log");
        }
        assertThat(LearnerLog.updates(run)).isEmpty();
        assertThat(LearnerLog.outcomes(run)).isEmpty();
    }

    @Test
    void givenAnothersOpenTransactionWhenALearnerStartsThenItWaitsForWhatMayLieBehindIt() {
        // given another writer's open transaction, behind which versions may lie
        RunContext run = run();
        try (Producer<String, SpecificRecord> other =
                run.kafka().transactionalProducer(run.kafka().group("other"))) {
            other.initTransactions();
            other.beginTransaction();
            var unused = other.send(new ProducerRecord<>(
                    run.kafka().topic(Topics.POLICY_UPDATES), "adult_medicine", Groups.update(0, "hash")));
            other.flush();
            LearnerLog.publish(run, groups);
            try (LearnerService first = rig.learner(run, TASK, directory)) {
                first.start();
                Awaitility.await()
                        .until(() -> first.threads().get(0).waitingFor().contains("open transaction"));
                assertThat(first.finished()).isFalse();
                other.abortTransaction();
                LearnerRig.awaitEnd(first);
                assertThat(first.threads().get(0).failure()).isEmpty();
            }
        }
        assertThat(LearnerLog.updates(run)).extracting(PolicyUpdate::getVersion).containsExactly(0L, 1L, 2L, 3L);
    }
}
