package ai.consilium.rollout.scheduler;

import static ai.consilium.rollout.scheduler.SchedulerRig.BATCH;
import static ai.consilium.rollout.scheduler.SchedulerRig.CHILDREN;
import static ai.consilium.rollout.scheduler.SchedulerRig.CONFIG;
import static ai.consilium.rollout.scheduler.SchedulerRig.SOON;
import static ai.consilium.rollout.scheduler.SchedulerRig.awaitPrompts;
import static ai.consilium.rollout.scheduler.SchedulerRig.ids;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What groups are scored by changes while a run goes on. */
class RevisedScoringIT {
    private static final ScorerRef ACCURACY = ScorerRef.newBuilder()
            .setName("accuracy")
            .setVersion("v1")
            .setComponent(Component.ACCURACY)
            .setRequired(true)
            .setShadow(false)
            .build();
    private static final ScoringConfig FIRST = config("first", ACCURACY);
    private static final ScoringConfig SECOND = config(
            "second",
            ACCURACY,
            ScorerRef.newBuilder()
                    .setName("lactate")
                    .setVersion("v1")
                    .setComponent(Component.GUIDELINE)
                    .setRequired(true)
                    .setShadow(false)
                    .build());

    @WithKafka
    private static EmbeddedCluster cluster;

    @RegisterExtension
    static final SchedulerRig rig = new SchedulerRig();

    private static ScoringConfig config(String hash, ScorerRef... scorers) {
        return new ScoringConfig(hash, "gba", Map.of("lambda", .5), List.of(scorers), "{}");
    }

    private static SchedulerService scheduler(RunContext run, ScoringOffers offers) {
        return scheduler(run, FIRST, offers);
    }

    private static SchedulerService scheduler(RunContext run, ScoringConfig configured, ScoringOffers offers) {
        return new SchedulerService(
                run,
                CONFIG,
                ConsolidationPlan.NONE,
                ValidationPlan.NONE,
                1,
                new CaseLibrary(rig.data()),
                configured,
                offers,
                Optional.empty());
    }

    private static RunManifest newest(RolloutLog log) {
        List<RunManifest> all = log.read(Topics.RUN_MANIFESTS, RunManifest.class);
        return all.get(all.size() - 1);
    }

    private static void revise(RunContext run, RolloutLog log, ScoringConfig to) {
        log.write(Topics.SCORING_CONFIGS, to.getHash(), to);
        log.write(
                Topics.RUN_MANIFESTS,
                run.runId(),
                new ScoringRevision(to, "became " + to.getHash()).after(newest(log), "test", 1));
    }

    private static List<String> stamps(RolloutLog log) {
        return log.prompts(CHILDREN).stream()
                .sorted((a, b) -> a.getGroupId().compareTo(b.getGroupId()))
                .map(Prompt::getScoringConfigHash)
                .toList();
    }

    private static void awaitTold(RolloutLog log, EventKind kind, String message) {
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(log.read(Topics.RUN_EVENTS, RunEvent.class))
                        .anySatisfy(event -> {
                            assertThat(event.getKind()).isEqualTo(kind);
                            assertThat(event.getMessage()).contains(message);
                        }));
    }

    @Test
    void givenARevisionWhenPromptsFollowThenTheseAreStampedAnewAndARestartGoesOnWithIt() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            try (SchedulerService scheduler = scheduler(run, ScoringOffers.NONE)) {
                scheduler.start();
                log.publish(CHILDREN, 0, false, List.of());
                awaitPrompts(log, CHILDREN, 2 * BATCH);

                revise(run, log, SECOND);
                awaitTold(log, EventKind.STARTED, "from the next prompt on by revision 2 of the run, second");
            }
            try (SchedulerService again = scheduler(run, ScoringOffers.NONE)) {
                again.start();
                log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
                awaitPrompts(log, CHILDREN, 3 * BATCH);
            }
            assertThat(stamps(log))
                    .startsWith(Stream.generate(() -> "first").limit(2 * BATCH).toArray(String[]::new))
                    .endsWith(Stream.generate(() -> "second").limit(BATCH).toArray(String[]::new));
            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class)).hasSize(2);
        }
    }

    /** A run whose host was started with a scoring configuration, made of keys. */
    private static RunContext configured(RunContext run, String keys, ScoringConfig config) {
        RunSettings settings = new RunSettings(
                "0.2.0",
                run.policies(),
                new TreeMap<>(Map.of(ScoringRevision.KEYS, keys, ScoringRevision.CONFIGURED, config.getHash())),
                Set.of(ScoringRevision.KEYS, ScoringRevision.CONFIGURED));
        return new RunContext(run.runId(), run.instance(), settings, run.kafka(), run.metrics());
    }

    @Test
    void givenAFileThatChangedWhenResumedThenTheRunGoesOnAsItWasAndWithOtherKeysAsItIsTold() {
        RunContext run = cluster.run(CHILDREN);
        try (RolloutLog log = new RolloutLog(run)) {
            log.publish(CHILDREN, 0, false, List.of());
            try (SchedulerService scheduler = scheduler(configured(run, "a", FIRST), ScoringOffers.NONE)) {
                scheduler.start();
                awaitPrompts(log, CHILDREN, 2 * BATCH);
            }
            log.publish(CHILDREN, 1, false, ids(CHILDREN, 0));
            try (SchedulerService changedFile = scheduler(configured(run, "a", SECOND), SECOND, ScoringOffers.NONE)) {
                changedFile.start();
                awaitPrompts(log, CHILDREN, 3 * BATCH);
            }
            assertThat(stamps(log)).containsOnly("first");
            assertThat(log.read(Topics.RUN_MANIFESTS, RunManifest.class)).hasSize(1);

            try (SchedulerService otherKeys = scheduler(configured(run, "b", SECOND), SECOND, ScoringOffers.NONE)) {
                otherKeys.start();
                await().atMost(SOON)
                        .until(() -> log.read(Topics.RUN_MANIFESTS, RunManifest.class)
                                        .size()
                                == 2);
                log.end(CHILDREN + "-3", CHILDREN, Outcome.FILTERED);
                awaitPrompts(log, CHILDREN, 3 * BATCH + 1);
            }
            assertThat(log.prompts(CHILDREN))
                    .filteredOn(prompt -> prompt.getGroupId().equals(CHILDREN + "-" + 3 * BATCH))
                    .extracting(Prompt::getScoringConfigHash)
                    .containsExactly("second");
        }
    }

    @Test
    void givenARevisionThatCannotBeMeantWhenTakenInThenItIsNamedAndTheOneBeforeStays() {
        RunContext run = cluster.run(CHILDREN);
        try (SchedulerService scheduler = scheduler(run, ScoringOffers.NONE);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            await().atMost(SOON)
                    .until(() ->
                            !log.read(Topics.RUN_MANIFESTS, RunManifest.class).isEmpty());
            revise(run, log, new ScoringConfig("other", "grpo", FIRST.getParameters(), FIRST.getScorers(), "{}"));
            revise(
                    run,
                    log,
                    config(
                            "idle",
                            ScorerRef.newBuilder()
                                    .setName("a")
                                    .setVersion("v")
                                    .setComponent(Component.ACCURACY)
                                    .setRequired(false)
                                    .setShadow(true)
                                    .build()));
            awaitTold(log, EventKind.REFUSED, "it has the estimator grpo, the run has gba");
            awaitTold(log, EventKind.REFUSED, "no scorer of it is active");

            log.publish(CHILDREN, 0, false, List.of());
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            assertThat(stamps(log)).containsOnly("first");
        }
    }

    @Test
    void givenAnOfferWhenAskedForThenItStandsInTheManifestOnceAndIsInForce() {
        RunContext run = cluster.run(CHILDREN);
        AtomicBoolean offered = new AtomicBoolean();
        ScoringOffers offers = (inForce, known, refused) -> {
            if (known.equals(Set.of("accuracy")) && !offered.getAndSet(true)) {
                refused.accept("broken.yaml:1: is empty");
                return Optional.of(new ScoringRevision(SECOND, "lactate offered"));
            }
            return Optional.empty();
        };
        try (SchedulerService scheduler = scheduler(run, offers);
                RolloutLog log = new RolloutLog(run)) {
            scheduler.start();
            awaitTold(log, EventKind.STARTED, "lactate offered");
            awaitTold(log, EventKind.REFUSED, "broken.yaml:1: is empty");
            log.publish(CHILDREN, 0, false, List.of());
            awaitPrompts(log, CHILDREN, 2 * BATCH);
            assertThat(stamps(log)).containsOnly("second");
            assertThat(newest(log).getWriter()).startsWith("scheduler/");
        }
    }
}
