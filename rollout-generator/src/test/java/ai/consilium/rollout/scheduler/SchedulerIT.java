package ai.consilium.rollout.scheduler;

import static ai.consilium.rollout.scheduler.SchedulerRig.ADULTS;
import static ai.consilium.rollout.scheduler.SchedulerRig.BATCH;
import static ai.consilium.rollout.scheduler.SchedulerRig.CHILDREN;
import static ai.consilium.rollout.scheduler.SchedulerRig.CONFIG;
import static ai.consilium.rollout.scheduler.SchedulerRig.SCORING;
import static ai.consilium.rollout.scheduler.SchedulerRig.SOON;
import static ai.consilium.rollout.scheduler.SchedulerRig.STEPS;
import static ai.consilium.rollout.scheduler.SchedulerRig.awaitPrompts;
import static ai.consilium.rollout.scheduler.SchedulerRig.ids;
import static ai.consilium.rollout.scheduler.SchedulerRig.outcomes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SchedulerIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final SchedulerRig rig = new SchedulerRig();

    @Test
    void givenAWholeRunWhenTheLearnerGoesOnThenPromptsArePacedAndAllGroupsAreAccountedFor() {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        try (SchedulerService scheduler = rig.scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            await().atMost(SOON)
                    .until(() -> log.read(Topics.SCORING_CONFIGS, ScoringConfig.class)
                            .equals(List.of(SCORING)));
            assertThat(log.read(Topics.PROMPTS, Prompt.class)).isEmpty();

            log.publish(CHILDREN, 0, false, List.of());
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            assertThat(log.prompts(ADULTS)).isEmpty();
            log.publish(ADULTS, 0, false, List.of());
            awaitPrompts(log, ADULTS, 2 * BATCH);

            log.end(CHILDREN + "-0", CHILDREN, Outcome.FILTERED);
            awaitPrompts(log, CHILDREN, 2 * BATCH + 1);

            for (long version = 1; version <= STEPS; version++) {
                log.publish(CHILDREN, version, version == STEPS, ids(CHILDREN, 1 + (version - 1) * BATCH));
                log.publish(ADULTS, version, version == STEPS, ids(ADULTS, (version - 1) * BATCH));
                long admitted = Math.min(2 + version, STEPS) * BATCH;
                awaitPrompts(log, CHILDREN, admitted + 1);
                awaitPrompts(log, ADULTS, admitted);
            }

            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads())
                    .allSatisfy(t -> assertThat(t.failure()).isEmpty());
            assertThat(outcomes(log)).isEqualTo(Map.of(Outcome.TRAINED, 2L * STEPS * BATCH, Outcome.FILTERED, 1L));
        }
    }

    @Test
    void givenConsolidationWhenTheExpertsAreMergedThenTheUnifiedAgentIsAskedCasesOfAllSpecialtiesInTurn() {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        ConsolidationPlan consolidation = new ConsolidationPlan(1, 4, 3, 0, 1e-3, 1, 1, 0, "auto");
        try (SchedulerService scheduler = new SchedulerService(
                        run, CONFIG, consolidation, ValidationPlan.NONE, 1, new CaseLibrary(rig.data()), SCORING);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            for (String specialty : List.of(CHILDREN, ADULTS)) {
                log.publish(specialty, STEPS, true, List.of());
            }
            PolicyUpdate merged = RunRecords.update(Topics.UNIFIED, 1, 1, 1);
            log.write(
                    Topics.POLICY_UPDATES,
                    Topics.UNIFIED,
                    PolicyUpdate.newBuilder(merged).setKind(UpdateKind.MERGE).build());
            awaitPrompts(log, Topics.UNIFIED, 4);

            // Over several partitions.
            List<Prompt> prompts = log.prompts(Topics.UNIFIED).stream()
                    .sorted(Comparator.comparing(Prompt::getGroupId))
                    .toList();
            assertThat(prompts).extracting(Prompt::getSpecialty).containsExactly(CHILDREN, ADULTS, CHILDREN, ADULTS);
            assertThat(prompts).allSatisfy(prompt -> {
                assertThat(prompt.getPolicy()).isEqualTo(Topics.UNIFIED);
                assertThat(prompt.getPurpose()).isEqualTo(Purpose.DISTILL);
                assertThat(prompt.getMembers()).hasSize(3);
                assertThat(prompt.getAdmittedAtVersion()).isEqualTo(1);
            });
            assertThat(prompts.get(0).getCaseRef()).isNotEqualTo(prompts.get(2).getCaseRef());

            PolicyUpdate taught = PolicyUpdate.newBuilder(merged)
                    .setVersion(2)
                    .setKind(UpdateKind.DISTILLATION)
                    .setFinalVersion(true)
                    .setGroupIds(ids(Topics.UNIFIED, 0))
                    .build();
            log.write(Topics.POLICY_UPDATES, Topics.UNIFIED, taught);
            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads().get(0).failure()).isEmpty();
        }
    }

    @Test
    void givenTwoRoundsWhenTheFirstIsOverThenItsOpenGroupsAreUnusedAndTheSecondBeginsWithNewOnes() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = new SchedulerService(
                        run,
                        CONFIG,
                        ConsolidationPlan.NONE,
                        ValidationPlan.NONE,
                        2,
                        new CaseLibrary(rig.data()),
                        SCORING);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            log.publish(CHILDREN, 1, true, ids(CHILDREN, 0));
            await().atMost(SOON).until(() -> outcomes(log).equals(Map.of(Outcome.TRAINED, 3L, Outcome.UNUSED, 3L)));
            assertThat(scheduler.finished()).isFalse();

            PolicyUpdate start = PolicyUpdate.newBuilder(RunRecords.update(CHILDREN, STEPS + 1, 1, 1))
                    .setKind(UpdateKind.DSA)
                    .setRound(1)
                    .build();
            log.write(Topics.POLICY_UPDATES, CHILDREN, start);
            awaitPrompts(log, CHILDREN, 4 * BATCH);
            assertThat(log.prompts(CHILDREN))
                    .filteredOn(prompt -> prompt.getRound() == 1)
                    .extracting(Prompt::getGroupId)
                    .containsExactlyInAnyOrder(
                            "pediatrics-6",
                            "pediatrics-7",
                            "pediatrics-8",
                            "pediatrics-9",
                            "pediatrics-10",
                            "pediatrics-11");

            PolicyUpdate last = PolicyUpdate.newBuilder(start)
                    .setVersion(STEPS + 2)
                    .setKind(UpdateKind.REINFORCEMENT)
                    .setFinalVersion(true)
                    .setGroupIds(ids(CHILDREN, 2L * BATCH))
                    .build();
            log.write(Topics.POLICY_UPDATES, CHILDREN, last);
            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads().get(0).failure()).isEmpty();
        }
    }

    @Test
    void givenGroupsStillOpenAtTheEndWhenTheLastVersionsAreOutThenTheyAreUnused() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = rig.scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            awaitPrompts(log, CHILDREN, 2 * BATCH);

            log.publish(CHILDREN, 1, true, ids(CHILDREN, 0));

            await().atMost(SOON).until(scheduler::finished);
            assertThat(outcomes(log)).isEqualTo(Map.of(Outcome.TRAINED, 3L, Outcome.UNUSED, 3L));
            assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class))
                    .filteredOn(outcome -> outcome.getOutcome() == Outcome.UNUSED)
                    .extracting(GroupOutcome::getGroupId)
                    .containsExactlyInAnyOrderElementsOf(ids(CHILDREN, 3));
        }
    }

    @Test
    void givenThatNoGroupIsTrainedAnyMoreWhenTheLimitIsReachedThenTheRunEndsAndSaysWhy() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = rig.scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            int most = SchedulerConfigs.MOST_UNTRAINED * 2 * BATCH;
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            for (int n = 0; n < most - 1; n++) {
                log.end(CHILDREN + "-" + n, CHILDREN, Outcome.FILTERED);
            }
            awaitPrompts(log, CHILDREN, 2 * BATCH + most - 1);
            assertThat(scheduler.finished()).isFalse();

            log.end(CHILDREN + "-" + most, CHILDREN, Outcome.ABANDONED);

            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads().get(0).failure())
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .hasMessageContaining("pediatrics: 24 groups in a row ended untrained (23 filtered, 1"
                                    + " abandoned; the last, pediatrics-24:")
                            .hasMessageContaining("max_untrained_batches = 4 windows of 6 groups in flight"));
        }
    }

    @Test
    void givenAnExpertThatKnowsItsCasesWhenTheLimitIsReachedThenItIsToldToEndAndTheOthersGoOn() {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        EarlyEnd end = new EarlyEnd(CHILDREN, 0);
        int most = SchedulerConfigs.MOST_UNTRAINED * 2 * BATCH;
        try (SchedulerService scheduler = rig.scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            log.publish(CHILDREN, 0, false, List.of());
            log.publish(ADULTS, 0, false, List.of());
            for (int n = 0; n < most; n++) {
                awaitPrompts(log, CHILDREN, 2 * BATCH + n);
                log.write(Topics.GROUP_OUTCOMES, CHILDREN + "-" + n, known(CHILDREN + "-" + n));
            }
            await().atMost(SOON).until(() -> ManifestLog.ofRun(run.kafka()), end::told);
            assertThat(scheduler.finished()).isFalse();
        }
        int told = ManifestLog.ofRun(run.kafka()).getRevision();

        // it is told once, and a scheduler that starts again opens no more of its groups
        try (SchedulerService scheduler = rig.scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            int prompted = log.prompts(CHILDREN).size();
            for (long version = 1; version <= STEPS; version++) {
                log.publish(ADULTS, version, version == STEPS, ids(ADULTS, (version - 1) * BATCH));
                awaitPrompts(log, ADULTS, Math.min(2 + version, STEPS) * BATCH);
            }
            assertThat(log.prompts(CHILDREN)).hasSize(prompted);
            assertThat(scheduler.finished()).isFalse();
            log.publish(CHILDREN, 1, true, List.of());
            await().atMost(SOON).until(scheduler::finished);
            assertThat(scheduler.threads().get(0).failure()).isEmpty();
            assertThat(outcomes(log))
                    .containsEntry(Outcome.FILTERED, (long) most)
                    .containsEntry(Outcome.UNUSED, (long) prompted - most);
        }
        assertThat(ManifestLog.ofRun(run.kafka()).getRevision()).isEqualTo(told);
    }

    private static GroupOutcome known(String groupId) {
        return GroupOutcome.newBuilder(RunRecords.outcome(groupId, Outcome.FILTERED))
                .setSpecialty(CHILDREN)
                .setPassRate(1.0)
                .build();
    }

    @Test
    void givenAConfigurationThatDoesNotFitTheCasesWhenMadeThenItIsRefusedByName() {
        assertThatThrownBy(() -> rig.scheduler(cluster.run("dentistry")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("train.jsonl has no case of specialty dentistry");
        assertThatThrownBy(() -> new SchedulerService(
                        cluster.run(CHILDREN),
                        CONFIG,
                        ConsolidationPlan.NONE,
                        ValidationPlan.NONE,
                        1,
                        new CaseLibrary(rig.data().resolve("images")),
                        SCORING))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("data_root: ")
                .hasMessageContaining("train.jsonl");
    }
}
