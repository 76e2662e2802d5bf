package ai.consilium.merger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import ai.consilium.merger.gate.MarksOf;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.Experts;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.ejml.dense.row.NormOps_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MergerIT {
    private static final String[] SPECIALTIES = {"adult_medicine", "pediatrics", "brain_senses", "oncology_surgery"};
    private static final MergerConfig CONFIG = new MergerConfig(
            "ties", 0.5, List.of(1.0), 6, 0.01, Map.of(), new MergerConfig.Calibration(1, 1), ConsolidationPlan.NONE);
    /** Any agent that changes anything answers like this. */
    private static final Validation HALF = agents -> MarksOf.accuracy(Map.of("pediatrics", 0.5));

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private static Path directory;

    @Test
    void givenAllButOneExpertWhenTheLastComesThenTheyAreMergedOnceAndTheRunIsOver() {
        RunContext run = cluster.run(SPECIALTIES);
        try (MergerService merger = merger(run, CONFIG, HALF)) {
            // given three of four are final
            merger.start();
            for (int i = 0; i < 3; i++) {
                publish(run, SPECIALTIES[i], 1, true, Experts.random(i, 2, 2));
            }
            publish(run, SPECIALTIES[3], 1, false, Experts.random(9, 2, 2));
            await().untilAsserted(() -> assertThat(merger.threads().get(0).waitingFor())
                    .isEqualTo("the final version of oncology_surgery"));

            // when
            publish(run, SPECIALTIES[3], 2, true, Experts.random(3, 2, 2));
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
            assertThat(merger.threads().get(0).failure()).isEmpty();
        }

        // then
        List<PolicyUpdate> unified = unified(run);
        assertThat(unified).hasSize(1);
        PolicyUpdate update = unified.get(0);
        assertThat(update.getVersion()).isEqualTo(1);
        assertThat(update.getKind()).isEqualTo(UpdateKind.MERGE);
        assertThat(update.getFinalVersion()).isTrue();
        assertThat(update.getParents()).extracting(Parent::getSpecialty).containsExactly(SPECIALTIES);
        assertThat(update.getParents()).extracting(Parent::getVersion).containsExactly(1L, 1L, 1L, 2L);
        assertThat(update.getFigures()).containsEntry("val/accuracy/mean", 0.5);
        assertThat(adapter(run, update).hash()).isEqualTo(update.getAdapterHash());
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
        assertThat(update.getFigures()).containsKeys("merge/sign_conflict_rate", "merge/subspace_overlap");
        assertThat(directory.resolve(ConflictFiles.JSON)).content().contains(Experts.QUERY, Experts.UP);
        assertThat(directory.resolve(ConflictFiles.HEAT_MAP)).exists();
    }

    @Test
    void givenAMergedRunWhenTheMergerIsRestartedThenNothingIsRepeated() {
        // given a merged run
        RunContext run = cluster.run("pediatrics");
        publish(run, "pediatrics", 1, true, Experts.random(1, 2, 2));
        runToItsEnd(run, HALF);

        // when
        runToItsEnd(run, HALF);

        // then
        assertThat(unified(run)).hasSize(1);
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
    }

    @Test
    void givenAnAgentWorseThanThePublishedOneWhenValidatedThenItIsRefusedWithTheFigures() {
        // given an agent that stands, and better experts' merge that validates worse
        RunContext run = cluster.run("pediatrics");
        Adapter standing = Experts.random(5, 2, 2);
        publish(run, Topics.UNIFIED, 1, UpdateKind.MERGE, true, List.of(), standing);
        publish(run, "pediatrics", 4, true, Experts.random(1, 2, 2));
        Validation worse = agents ->
                MarksOf.accuracy(Map.of("pediatrics", pediatrics(agents).hash().equals(standing.hash()) ? 0.8 : 0.7));

        // when
        runToItsEnd(run, worse);
        runToItsEnd(run, worse);

        // then
        assertThat(unified(run)).hasSize(1);
        assertThat(events(run, EventKind.REFUSED))
                .singleElement()
                .satisfies(event -> assertThat(event.getFigures())
                        .containsEntry("val/accuracy/mean", 0.7)
                        .containsEntry("val/previous_accuracy/mean", 0.8));
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
    }

    @Test
    void givenConsolidationWhenItIsOverThenTheBetterOfItAndTheMergeIsTheAgentAndTheExpertsAreComparedWith() {
        // given a merge that is published for consolidation, and no agent yet
        RunContext run = cluster.run("pediatrics");
        Adapter expert = Experts.random(1, 2, 2);
        publish(run, "pediatrics", 1, true, expert);
        Adapter taught = Experts.random(7, 2, 2);
        Validation examination = agents -> MarksOf.accuracy(Map.of(
                "pediatrics",
                pediatrics(agents).hash().equals(taught.hash())
                        ? 0.7
                        : pediatrics(agents).hash().equals(expert.hash()) ? 0.8 : 0.6));
        MergerConfig consolidating = new MergerConfig(
                "average",
                1,
                List.of(.5),
                4,
                0,
                Map.of(),
                CONFIG.calibration(),
                new ConsolidationPlan(1, 1, 1, 0, 1e-3, 1, 1, 0, "auto"));
        try (MergerService merger = merger(run, consolidating, examination)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> !unified(run).isEmpty());
        }
        PolicyUpdate merged = unified(run).get(0);
        assertThat(merged.getFinalVersion()).isFalse();

        // when it is taught, and the merger comes back
        publish(run, Topics.UNIFIED, 2, UpdateKind.DISTILLATION, true, merged.getParents(), taught);
        try (MergerService merger = merger(run, consolidating, examination)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
            assertThat(merger.threads().get(0).failure()).isEmpty();
        }

        // then
        assertThat(unified(run)).hasSize(3);
        PolicyUpdate agent = unified(run).get(2);
        assertThat(agent.getVersion()).isEqualTo(3);
        assertThat(agent.getKind()).isEqualTo(UpdateKind.MERGE);
        assertThat(agent.getFinalVersion()).isTrue();
        assertThat(agent.getAdapterHash()).isEqualTo(taught.hash());
        assertThat(agent.getFigures())
                .containsEntry("val/accuracy/mean", 0.7)
                .containsEntry("val/routed_accuracy/mean", 0.8)
                .containsEntry("merge/lambda", 0.5);
        assertThat(agent.getFigures().get("val/vs_expert_high/pediatrics")).isNegative();
        assertThat(events(run, EventKind.FIGURES))
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage())
                        .contains("(consolidated)", "in pediatrics behind its expert by 10.0"));
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
    }

    @Test
    void givenSeveralLambdasWhenMergedThenOneIsChosenOnTheValidationCases() {
        // given an agent that is best when its update is halved
        RunContext run = cluster.run("pediatrics");
        publish(run, "pediatrics", 1, true, Experts.random(1, 2, 2));
        MergerConfig search = new MergerConfig(
                "average", 1, List.of(1.0, 0.5, 0.25), 4, 0, Map.of(), CONFIG.calibration(), ConsolidationPlan.NONE);
        double whole = NormOps_DDRM.fastNormF(Experts.delta(Experts.random(1, 2, 2), Experts.QUERY));
        Validation halfIsBest = agents -> MarksOf.accuracy(Map.of(
                "pediatrics",
                1 - Math.abs(NormOps_DDRM.fastNormF(Experts.delta(pediatrics(agents), Experts.QUERY)) / whole - 0.5)));

        // when
        try (MergerService merger = merger(run, search, halfIsBest)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
        }

        // then
        assertThat(unified(run).get(0).getFigures()).containsEntry("merge/lambda", 0.5);
    }

    @Test
    void givenASharedStartWhenMergedThenItIsSubtractedBeforeAndAddedBackWhole() {
        // given two experts that learnt the same on top of a shared start
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        Adapter shared = Experts.random(8, 2, 2);
        Adapter expert = Experts.sum(shared, Experts.random(1, 2, 2));
        publish(run, Topics.UNIFIED, 0, false, shared);
        publish(run, "adult_medicine", 1, true, expert);
        publish(run, "pediatrics", 1, true, expert);
        MergerConfig half = new MergerConfig(
                "average", 1, List.of(0.5), 4, 0, Map.of(), CONFIG.calibration(), ConsolidationPlan.NONE);

        // when
        try (MergerService merger = merger(run, half, HALF)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
        }

        // then half of what they learnt lies on the whole of what they share
        PolicyUpdate update = unified(run).get(1);
        double[] whole = Experts.delta(shared, Experts.UP).data;
        double[] learnt = Experts.delta(Experts.random(1, 2, 2), Experts.UP).data;
        double[] agent = Experts.delta(adapter(run, update), Experts.UP).data;
        for (int i = 0; i < agent.length; i++) {
            assertThat(agent[i]).isCloseTo(whole[i] + 0.5 * learnt[i], within(1e-4));
        }
        assertThat(update.getVersion()).isEqualTo(1);
        assertThat(update.getParents())
                .extracting(Parent::getSpecialty)
                .containsExactly(Topics.UNIFIED, "adult_medicine", "pediatrics");
    }

    @Test
    void givenThatTheBestIsKeptWhenTheLastVersionIsExaminedThenTheBestIsMergedAndNamedAndTheEndWaitsForIt() {
        // given a better version before the last, whose examination has not ended
        RunContext run = cluster.run("pediatrics");
        Adapter best = Experts.random(1, 2, 2);
        publish(run, "pediatrics", 0, false, Experts.random(3, 2, 2));
        publish(run, "pediatrics", 2, false, best);
        publish(run, "pediatrics", 3, true, Experts.random(2, 2, 2));
        examined(run, 0, 0, 0);
        examined(run, 2, 1, 1);
        examined(run, 3, 1);
        MergerConfig plain = new MergerConfig(
                "average", 1, List.of(1.0), 4, 0, Map.of(), CONFIG.calibration(), ConsolidationPlan.NONE);
        ExpertChoice choice = new ExpertChoice(new ValidationPlan(2, 2, List.of()), Map.of("pediatrics", 2), true);
        try (MergerService merger = merger(run, plain, choice, HALF)) {
            merger.start();
            await().untilAsserted(() -> assertThat(merger.threads().get(0).waitingFor())
                    .isEqualTo("examinations of 1 versions of the experts"));

            // when
            examined(run, 3, 1, 0);
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
            assertThat(merger.threads().get(0).failure()).isEmpty();
        }

        // then, and a merger that comes back finds it done
        try (MergerService again = merger(run, plain, choice, HALF)) {
            again.start();
            await().atMost(Duration.ofSeconds(30)).until(again::finished);
        }
        assertThat(unified(run))
                .singleElement()
                .satisfies(agent ->
                        assertThat(agent.getParents()).containsExactly(new Parent("pediatrics", 2L, best.hash())));
        assertThat(events(run, EventKind.FINISHED))
                .singleElement()
                .satisfies(event -> assertThat(event.getLabels()).containsEntry("experts", "pediatrics@2"));
    }

    @Test
    void givenTwoRoundsWhenTheGateRefusesInTheFirstThenItEndsWithWhatStandsAndTheSecondIsMergedOnThat() {
        // given experts whose merge is worse than what they started from
        RunContext run = cluster.run("pediatrics");
        Adapter shared = Experts.random(5, 2, 2);
        publish(run, Topics.UNIFIED, 0, false, shared);
        publish(run, "pediatrics", 1, true, Experts.random(1, 2, 2));
        Validation refusing = agents ->
                MarksOf.accuracy(Map.of("pediatrics", pediatrics(agents).hash().equals(shared.hash()) ? 0.8 : 0.7));
        MergerConfig plain = new MergerConfig(
                "average", 1, List.of(1.0), 4, 0, Map.of(), CONFIG.calibration(), ConsolidationPlan.NONE);

        // when, and the merger is restarted between the rounds
        try (MergerService merger = merger(run, plain, 2, refusing)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> unified(run).size() == 2);
        }
        PolicyUpdate end = unified(run).get(1);
        publish(run, "pediatrics", 3, true, Experts.random(2, 2, 2), 1);
        try (MergerService merger = merger(run, plain, 2, HALF)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
            assertThat(merger.threads().get(0).failure()).isEmpty();
        }

        // then
        assertThat(end.getFinalVersion()).isTrue();
        assertThat(end.getRound()).isZero();
        assertThat(end.getAdapterHash()).isEqualTo(shared.hash());
        assertThat(end.getParents()).containsExactly(new Parent(Topics.UNIFIED, 0L, shared.hash()));
        assertThat(unified(run)).hasSize(3);
        PolicyUpdate agent = unified(run).get(2);
        assertThat(agent.getRound()).isEqualTo(1);
        assertThat(agent.getParents()).extracting(Parent::getVersion).containsExactly(end.getVersion(), 3L);
        assertThat(events(run, EventKind.REFUSED)).hasSize(1);
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
    }

    @Test
    void givenNoEndWhenToldToStopAndTheGateRefusesThenTheRunEndsWithWhatStandsAndARestartSaysNothingMore() {
        // given a second round whose merge is worse than what stands
        RunContext run = cluster.run("pediatrics");
        publish(run, "pediatrics", 1, true, Experts.random(1, 2, 2));
        MergerConfig plain = new MergerConfig(
                "average", 1, List.of(1.0), 4, 0, Map.of(), CONFIG.calibration(), ConsolidationPlan.NONE);
        RunManifest manifest =
                run.settings().revise(Optional.empty(), run.runId(), "test", 1).orElseThrow();
        ManifestLog.revise(run.kafka(), manifest, "test");

        try (MergerService merger = merger(run, plain, 0, HALF)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(() -> unified(run).size() == 1);

            // when it is told to stop in between
            ManifestLog.revise(run.kafka(), RunControl.FINISH.after(manifest, "test", 2), "test");
            assertThat(merger.finished()).isFalse();
        }
        publish(run, "pediatrics", 3, true, Experts.random(2, 2, 2), 1);
        String stands = unified(run).get(0).getAdapterHash();
        Validation refusing = agents ->
                MarksOf.accuracy(Map.of("pediatrics", pediatrics(agents).hash().equals(stands) ? 0.8 : 0.7));
        for (int start = 0; start < 2; start++) {
            try (MergerService merger = merger(run, plain, 0, refusing)) {
                merger.start();
                await().atMost(Duration.ofSeconds(30)).until(merger::finished);
                assertThat(merger.threads().get(0).failure()).isEmpty();
            }
        }

        // then
        assertThat(unified(run)).extracting(PolicyUpdate::getRound).containsExactly(0, 1);
        assertThat(unified(run)).extracting(PolicyUpdate::getEndsRun).containsExactly(false, true);
        assertThat(unified(run).get(1).getAdapterHash()).isEqualTo(stands);
        assertThat(events(run, EventKind.FINISHED)).hasSize(1);
    }

    private static void examined(RunContext run, long version, double... right) {
        OutcomeFactory outcomes = new OutcomeFactory("test");
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            for (int place = 0; place < right.length; place++) {
                String id = new ExaminedGroup("pediatrics", version, place).id();
                var unused = producer.send(new ProducerRecord<>(
                        run.kafka().topic(Topics.GROUP_OUTCOMES),
                        id,
                        outcomes.examined(id, "pediatrics", version, right[place], 1)));
            }
        }
    }

    private static Adapter pediatrics(Function<String, Adapter> agents) {
        return agents.apply("pediatrics");
    }

    private static MergerService merger(RunContext run, MergerConfig config, Validation validation) {
        return merger(run, config, 1, validation);
    }

    private static MergerService merger(RunContext run, MergerConfig config, int rounds, Validation validation) {
        return merger(run, config, rounds, ExpertChoice.LAST, validation);
    }

    private static MergerService merger(
            RunContext run, MergerConfig config, ExpertChoice choice, Validation validation) {
        return merger(run, config, 1, choice, validation);
    }

    private static MergerService merger(
            RunContext run, MergerConfig config, int rounds, ExpertChoice choice, Validation validation) {
        Calibration blind = (experts, progress, merge) -> merge.apply(null);
        return new MergerService(
                run, config, 1, rounds, choice, round -> validation, round -> blind, new ConflictFiles(directory));
    }

    private static void runToItsEnd(RunContext run, Validation validation) {
        try (MergerService merger = merger(run, CONFIG, validation)) {
            merger.start();
            await().atMost(Duration.ofSeconds(30)).until(merger::finished);
            assertThat(merger.threads().get(0).failure()).isEmpty();
        }
    }

    private static void publish(RunContext run, String specialty, long version, boolean last, Adapter adapter) {
        publish(run, specialty, version, last, adapter, 0);
    }

    private static void publish(
            RunContext run, String specialty, long version, boolean last, Adapter adapter, int round) {
        publish(run, specialty, version, UpdateKind.REINFORCEMENT, last, List.of(), adapter, round);
    }

    private static void publish(
            RunContext run,
            String specialty,
            long version,
            UpdateKind kind,
            boolean last,
            List<Parent> parents,
            Adapter adapter) {
        publish(run, specialty, version, kind, last, parents, adapter, 0);
    }

    private static void publish(
            RunContext run,
            String specialty,
            long version,
            UpdateKind kind,
            boolean last,
            List<Parent> parents,
            Adapter adapter,
            int round) {
        byte[] file = adapter.toSafetensors();
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            var chunks = new AdapterRecords(run.kafka(), run.policies(), FastSha256::digest)
                    .chunks(specialty, version, file);
            for (var chunk : chunks) {
                var unused = producer.send(chunk);
            }
            PolicyUpdate update = PolicyUpdate.newBuilder()
                    .setSpecialty(specialty)
                    .setVersion(version)
                    .setKind(kind)
                    .setFinalVersion(last)
                    .setParents(parents)
                    .setAdapterHash(adapter.hash())
                    .setAdapterBytes(file.length)
                    .setChunks(chunks.size())
                    .setFigures(Map.of())
                    .setConsumed(List.of())
                    .setGroupIds(List.of())
                    .setConfigHash("config")
                    .setWriter("test")
                    .setCreatedMs(1)
                    .setRound(round)
                    .build();
            var unused =
                    producer.send(new ProducerRecord<>(run.kafka().topic(Topics.POLICY_UPDATES), specialty, update));
        }
    }

    private static Adapter adapter(RunContext run, PolicyUpdate update) {
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                run.kafka(),
                run.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest)) {
            return log.fetch(update);
        }
    }

    private static List<PolicyUpdate> unified(RunContext run) {
        return all(run, Topics.POLICY_UPDATES, PolicyUpdate.class).stream()
                .filter(update -> update.getSpecialty().equals(Topics.UNIFIED))
                .toList();
    }

    private static List<RunEvent> events(RunContext run, EventKind kind) {
        return all(run, Topics.RUN_EVENTS, RunEvent.class).stream()
                .filter(event -> event.getKind() == kind)
                .toList();
    }

    private static <T extends SpecificRecord> List<T> all(RunContext run, Topics topic, Class<T> type) {
        List<T> records = new ArrayList<>();
        try (LogReader<T> reader =
                new LogReader<>(run.kafka(), topic, type, new DeadLetters(run.kafka(), "test"), null, Map.of())) {
            reader.readToEnd(batch -> batch.forEach(record -> records.add(record.value())));
        }
        return records;
    }
}
