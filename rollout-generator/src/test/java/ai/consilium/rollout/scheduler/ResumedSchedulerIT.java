package ai.consilium.rollout.scheduler;

import static ai.consilium.rollout.scheduler.SchedulerRig.BATCH;
import static ai.consilium.rollout.scheduler.SchedulerRig.CHILDREN;
import static ai.consilium.rollout.scheduler.SchedulerRig.CONFIG;
import static ai.consilium.rollout.scheduler.SchedulerRig.SCORING;
import static ai.consilium.rollout.scheduler.SchedulerRig.SOON;
import static ai.consilium.rollout.scheduler.SchedulerRig.STEPS;
import static ai.consilium.rollout.scheduler.SchedulerRig.awaitPrompts;
import static ai.consilium.rollout.scheduler.SchedulerRig.ids;
import static ai.consilium.rollout.scheduler.SchedulerRig.started;
import static org.assertj.core.api.Assertions.assertThat;
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
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.transaction.FencedException;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.order.CaseOrder;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A scheduler that comes back, or comes second, or comes with something else. */
class ResumedSchedulerIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final SchedulerRig rig = new SchedulerRig();

    @Test
    void givenARestartWhenTheRunGoesOnThenNothingIsRepeatedOrSkipped() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, false, List.of());
            try (SchedulerService first = rig.scheduler(run)) {
                first.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            try (SchedulerService second = rig.scheduler(run)) {
                second.start();
                awaitPrompts(log, CHILDREN, 3 * BATCH);
            }

            Map<String, Prompt> prompts =
                    log.prompts(CHILDREN).stream().collect(Collectors.toMap(Prompt::getGroupId, prompt -> prompt));
            CaseOrder order = new CaseOrder(
                    CONFIG.plan().seed(),
                    CHILDREN,
                    new CaseLibrary(rig.data())
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
    void givenKeptBooksWhenItComesBackTwiceThenNothingIsRepeatedOrSkippedAndAnotherRunsBooksArePassedOver(
            @TempDir Path directory) {
        Path books = directory.resolve("scheduler.json");
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, false, List.of());
            try (SchedulerService first = rig.scheduler(run, Optional.of(books))) {
                first.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            assertThat(books).exists();
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            try (SchedulerService second = rig.scheduler(run, Optional.of(books))) {
                second.start();
                awaitPrompts(log, CHILDREN, 3 * BATCH);
            }
            log.publish(CHILDREN, 2, false, ids(CHILDREN, BATCH));
            try (SchedulerService third = rig.scheduler(run, Optional.of(books))) {
                third.start();
                log.publish(CHILDREN, STEPS, true, ids(CHILDREN, 2 * BATCH));
                await().atMost(SOON).until(third::finished);
                assertThat(third.threads().get(0).failure()).isEmpty();
            }

            assertThat(log.prompts(CHILDREN))
                    .extracting(Prompt::getGroupId)
                    .containsExactlyInAnyOrderElementsOf(LongStream.range(0, STEPS * BATCH)
                            .mapToObj(n -> CHILDREN + "-" + n)
                            .toList());
        }
        RunContext other = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(other);
                SchedulerService scheduler = rig.scheduler(other, Optional.of(books))) {
            log.publish(CHILDREN, 0, false, List.of());
            scheduler.start();
            awaitPrompts(log, CHILDREN, 2 * BATCH);
        }
    }

    @Test
    void givenASecondSchedulerWhenBothWouldAdmitThenTheFirstEndsByNameAndNoPromptIsDoubled() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService first = rig.scheduler(run);
                SchedulerService second = rig.scheduler(run);
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
            try (SchedulerService first = rig.scheduler(run)) {
                first.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            try (SchedulerService second = new SchedulerService(
                    run, CONFIG, ConsolidationPlan.NONE, ValidationPlan.NONE, 1, new CaseLibrary(other), SCORING)) {
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

            try (SchedulerService other = rig.scheduler(with(run, Map.of("seed", "2", "group_size", "8")))) {
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
                        ValidationPlan.NONE,
                        1,
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
        Path cases = rig.data().resolve("recorded");
        Clinic.write(cases, new ClinicSettings(1, .3, 40, 4, 4));
        return cases;
    }

    private static RunContext with(RunContext run, Map<String, String> values) {
        RunSettings settings = new RunSettings("0.2.0", run.policies(), new TreeMap<>(values), Set.of("group_size"));
        return new RunContext(run.runId(), run.instance(), settings, run.kafka(), run.metrics());
    }

    private static void startAndStop(RunContext run) {
        try (SchedulerService scheduler = rig.scheduler(run)) {
            scheduler.start();
            await().atMost(SOON).until(() -> started(scheduler));
        }
    }
}
