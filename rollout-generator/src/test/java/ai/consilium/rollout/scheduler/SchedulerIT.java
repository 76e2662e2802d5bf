package ai.consilium.rollout.scheduler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.transaction.FencedException;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchedulerIT {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String CHILDREN = "pediatrics";
    private static final String ADULTS = "adult_medicine";
    private static final int BATCH = 3;
    private static final int STEPS = 3;
    private static final SchedulerConfig CONFIG = SchedulerConfigs.scheduler(BATCH, 1, STEPS);
    private static final ScoringConfig SCORING =
            new ScoringConfig("scoring-hash", "gba", Map.of("lambda", .5), List.of(), "{}");

    private static Path data;

    @WithKafka
    private static EmbeddedCluster cluster;

    @BeforeAll
    static void prepare(@TempDir Path dataDirectory) {
        data = dataDirectory;
        Clinic.write(data, new ClinicSettings(3, .3, 5, 0, 0));
    }

    @Test
    void givenAWholeRunWhenTheLearnerGoesOnThenPromptsArePacedAndAllGroupsAreAccountedFor() {
        RunContext run = cluster.run(CHILDREN, ADULTS);
        try (SchedulerService scheduler = scheduler(run);
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
        ConsolidationPlan consolidation = new ConsolidationPlan(1, 4, 3, 0, 1e-3, 1, "auto");
        try (SchedulerService scheduler =
                        new SchedulerService(run, CONFIG, consolidation, new CaseLibrary(data), SCORING);
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
    void givenGroupsStillOpenAtTheEndWhenTheLastVersionsAreOutThenTheyAreUnused() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = scheduler(run);
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
        try (SchedulerService scheduler = scheduler(run);
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
    void givenARestartWhenTheRunGoesOnThenNothingIsRepeatedOrSkipped() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, false, List.of());
            try (SchedulerService first = scheduler(run)) {
                first.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            try (SchedulerService second = scheduler(run)) {
                second.start();
                awaitPrompts(log, CHILDREN, 3 * BATCH);
            }

            Map<String, Prompt> prompts =
                    log.prompts(CHILDREN).stream().collect(Collectors.toMap(Prompt::getGroupId, prompt -> prompt));
            CaseOrder order = new CaseOrder(
                    CONFIG.plan().seed(),
                    CHILDREN,
                    new CaseLibrary(data)
                            .file("train.jsonl").cases().stream()
                                    .filter(one -> one.specialty().equals(CHILDREN))
                                    .map(Case::id)
                                    .toList());
            assertThat(prompts).hasSize(3 * BATCH);
            LongStream.range(0, 3 * BATCH).forEach(n -> {
                Prompt prompt = Objects.requireNonNull(prompts.get(CHILDREN + "-" + n));
                assertThat(prompt.getCaseRef().getId()).isEqualTo(order.caseId(n));
                assertThat(prompt.getMembers()).containsExactly("analytical", "analytical", "none", "none");
                assertThat(prompt.getScoringConfigHash()).isEqualTo(SCORING.getHash());
                assertThat(prompt.getAdmittedAtVersion()).isEqualTo(n < 2 * BATCH ? 0 : 1);
            });
            assertThat(prompts.values().stream().map(Prompt::getGroupSeed)).doesNotHaveDuplicates();
        }
    }

    @Test
    void givenASecondSchedulerWhenBothWouldAdmitThenTheFirstEndsByNameAndNoPromptIsDoubled() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService first = scheduler(run);
                SchedulerService second = scheduler(run);
                RolloutLog log = new RolloutLog(run)) {
            first.start();
            await().atMost(SOON).until(() -> started(first));
            second.start();
            await().atMost(SOON).until(() -> started(second));

            log.publish(CHILDREN, 0, false, List.of());

            await().atMost(SOON).until(first::finished);
            assertThat(first.threads().get(0).failure())
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .isInstanceOf(FencedException.class)
                            .hasMessageContaining("another scheduler of run " + run.runId() + " has taken over"));
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            assertThat(log.prompts(CHILDREN)).extracting(Prompt::getGroupId).doesNotHaveDuplicates();
            assertThat(second.finished()).isFalse();
        }
    }

    @Test
    void givenOtherCasesThanTheRunBeganWithWhenRestartedThenItIsRefusedByName(@TempDir Path other) {
        Clinic.write(other, new ClinicSettings(4, .3, 5, 0, 0));
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, false, List.of());
            try (SchedulerService first = scheduler(run)) {
                first.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            try (SchedulerService second =
                    new SchedulerService(run, CONFIG, ConsolidationPlan.NONE, new CaseLibrary(other), SCORING)) {
                second.start();
                await().atMost(SOON).until(second::finished);
                assertThat(second.threads().get(0).failure())
                        .hasValueSatisfying(failure -> assertThat(failure)
                                .isInstanceOf(UsageException.class)
                                .hasMessageContaining("train.jsonl has changed since this run began"));
            }
        }
    }

    @Test
    void givenSettingsWhenSchedulersStartThenTheManifestIsRevisedOnlyByWhatMayChange() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            startAndStop(with(run, Map.of("seed", "1", "group_size", "4")));
            startAndStop(with(run, Map.of("seed", "1", "group_size", "4")));
            startAndStop(with(run, Map.of("seed", "1", "group_size", "6")));

            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class))
                    .extracting(
                            RunManifest::getRevision,
                            manifest -> manifest.getSettings().get("group_size"))
                    .containsExactly(tuple(1, "4"), tuple(2, "6"));
            assertThat(log.records(Topics.RUN_MANIFESTS, RunManifest.class)
                            .get(0)
                            .key())
                    .isEqualTo(run.runId());

            try (SchedulerService other = scheduler(with(run, Map.of("seed", "2", "group_size", "8")))) {
                other.start();
                await().atMost(SOON).until(other::finished);
                assertThat(other.threads().get(0).failure())
                        .hasValueSatisfying(failure -> assertThat(failure)
                                .isInstanceOf(UsageException.class)
                                .hasMessage("seed: 2 here, 1 in the manifest of run " + run.runId() + ", revision 2"));
            }
            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class)).hasSize(2);
        }
    }

    @Test
    void givenALogOfVersion01WhenASchedulerGoesOnWithItThenItWritesAManifestAndRepeatsNothing() {
        KafkaClients kafka = cluster.clients();
        // Its schemas were there first.
        RecordedLog recorded = RecordedLog.ofVersion01()
                .registeredIn(kafka.registry(), kafka.settings().prefix());
        RunContext run = cluster.run(kafka, "pediatrics", "oncology_surgery");
        for (Topics topic : List.of(Topics.PROMPTS, Topics.GROUP_OUTCOMES, Topics.POLICY_UPDATES)) {
            RecordedLog.produce(run.kafka(), recorded.of(topic));
        }
        try (RolloutLog log = new RolloutLog(run);
                SchedulerService scheduler = new SchedulerService(
                        with(run, Map.of("seed", "1")),
                        CONFIG,
                        ConsolidationPlan.NONE,
                        new CaseLibrary(dataOfVersion01()),
                        SCORING)) {
            scheduler.start();
            await().atMost(SOON).until(scheduler::finished);

            assertThat(scheduler.threads().get(0).failure()).isEmpty();
            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class))
                    .singleElement()
                    .satisfies(manifest -> assertThat(manifest.getPolicies())
                            .containsExactly("pediatrics", "oncology_surgery", Topics.UNIFIED));
            assertThat(log.read(Topics.PROMPTS, Prompt.class))
                    .hasSize(recorded.of(Topics.PROMPTS).size());
            assertThat(log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class))
                    .hasSize(recorded.of(Topics.GROUP_OUTCOMES).size());
        }
    }

    /** The cases of the recorded run are the clinic's. */
    private static Path dataOfVersion01() {
        Path cases = data.resolve("recorded");
        Clinic.write(cases, new ClinicSettings(1, .3, 40, 4, 4));
        return cases;
    }

    private static RunContext with(RunContext run, Map<String, String> values) {
        RunSettings settings = new RunSettings("0.2.0", run.policies(), new TreeMap<>(values), Set.of("group_size"));
        return new RunContext(run.runId(), run.instance(), settings, run.kafka(), run.metrics());
    }

    private static void startAndStop(RunContext run) {
        try (SchedulerService scheduler = scheduler(run)) {
            scheduler.start();
            await().atMost(SOON).until(() -> started(scheduler));
        }
    }

    @Test
    void givenAConfigurationThatDoesNotFitTheCasesWhenMadeThenItIsRefusedByName() {
        assertThatThrownBy(() -> scheduler(cluster.run("dentistry")))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("train.jsonl has no case of specialty dentistry");
        assertThatThrownBy(() -> new SchedulerService(
                        cluster.run(CHILDREN),
                        CONFIG,
                        ConsolidationPlan.NONE,
                        new CaseLibrary(data.resolve("images")),
                        SCORING))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("data_root: ")
                .hasMessageContaining("train.jsonl");
    }

    private static SchedulerService scheduler(RunContext run) {
        return new SchedulerService(run, CONFIG, ConsolidationPlan.NONE, new CaseLibrary(data), SCORING);
    }

    private static boolean started(SchedulerService scheduler) {
        ServiceThread thread = scheduler.threads().get(0);
        return thread.waitingFor().contains("first version");
    }

    private static List<String> ids(String specialty, long from) {
        return LongStream.range(from, from + BATCH)
                .mapToObj(n -> specialty + "-" + n)
                .toList();
    }

    private static void awaitPrompts(RolloutLog log, String specialty, long count) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(log.prompts(specialty)).hasSize((int) count));
    }

    private static Map<Outcome, Long> outcomes(RolloutLog log) {
        return log.read(Topics.GROUP_OUTCOMES, GroupOutcome.class).stream()
                .collect(Collectors.groupingBy(GroupOutcome::getOutcome, Collectors.counting()));
    }
}
