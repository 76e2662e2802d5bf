package ai.consilium.reward;

import static ai.consilium.reward.ScoringExamples.check;
import static ai.consilium.reward.ScoringExamples.config;
import static ai.consilium.reward.ScoringExamples.definition;
import static ai.consilium.reward.ScoringExamples.remote;
import static ai.consilium.reward.ScoringExamples.rubric;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RewardServiceIT {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @WithKafka
    private static EmbeddedCluster cluster;

    private static Path data;
    private static CaseFile cases;
    private RunContext run;

    @BeforeAll
    static void start(@TempDir Path folder) {
        data = folder;
        Clinic.write(folder, new ClinicSettings(11, 0.3, 2, 0, 0));
        cases = CaseFile.read(folder.resolve("train.jsonl"));
    }

    @BeforeEach
    void newRun() {
        run = cluster.run("adult_medicine");
    }

    @Test
    void givenTrajectoriesWhenScoredThenEachHasItsScoresInItsOwnPartition() {
        // given
        ScoringDefinition plan = definition(
                config(check("accuracy"), check("format"), rubric("analytical", "shipped:analytical")), data);
        publish(plan);
        Case about = cases.cases().get(0);
        String right = PromptLayouts.canonical().completion(about, "analytical").text();
        send(3, trajectory("g-1", 0, "analytical", right, about, plan.hash(), FinishReason.STOP));
        send(1, trajectory("g-2", 0, "none", right, about, plan.hash(), FinishReason.LENGTH));

        // when
        List<ConsumerRecord<String, Scores>> scores = served(config(check("format")), 2);

        // then
        assertThat(scores)
                .extracting(ConsumerRecord::key, ConsumerRecord::partition)
                .containsExactlyInAnyOrder(tuple("g-1", 3), tuple("g-2", 1));
        assertThat(values(scores, "g-1")).isEqualTo(Map.of("accuracy", 1.0, "format", 1.0, "analytical", 1.0));
        // A truncated sample earns nothing, and a guideline does not score what was not asked to follow it.
        assertThat(values(scores, "g-2")).isEqualTo(Map.of("accuracy", 0.0, "format", 0.0));
    }

    @Test
    void givenATrajectoryForDistillationWhenReadThenNobodyScoresIt() {
        ScoringDefinition plan = definition(config(check("accuracy")), data);
        publish(plan);
        Case about = cases.cases().get(0);
        String right = PromptLayouts.canonical().completion(about, "analytical").text();
        Trajectory taught = trajectory("g-1", 0, "analytical", right, about, plan.hash(), FinishReason.STOP);
        send(1, Trajectory.newBuilder(taught).setPurpose(Purpose.DISTILL).build());
        send(1, trajectory("g-2", 0, "none", right, about, plan.hash(), FinishReason.STOP));

        // It stands before the other in the same partition.
        assertThat(served(config(check("accuracy")), 1))
                .extracting(ConsumerRecord::key)
                .containsExactly("g-2");
    }

    @Test
    void givenATrajectoryWhenRedeliveredThenItsScoresAreTheSame() throws Exception {
        // given
        ScoringDefinition plan = definition(config(check("accuracy"), rubric("bayesian", "shipped:bayesian")), data);
        publish(plan);
        Case about = cases.cases().get(1);
        send(
                0,
                trajectory(
                        "g-1",
                        0,
                        "bayesian",
                        PromptLayouts.canonical().completion(about, "none").text(),
                        about,
                        plan.hash(),
                        FinishReason.STOP));
        served(config(check("format")), 1);

        // when the offsets are lost, as by a crash before the commit
        String topic = run.kafka().topic(Topics.TRAJECTORIES);
        try (var admin = run.kafka().admin()) {
            admin.alterConsumerGroupOffsets(
                            run.kafka().group("reward"), Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0)))
                    .all()
                    .get();
        }
        List<ConsumerRecord<String, Scores>> scores = served(config(check("format")), 2);

        // then
        Scores first = scores.get(0).value();
        Scores second = scores.get(1).value();
        assertThat(second.getTrajectoryId()).isEqualTo(first.getTrajectoryId());
        assertThat(second.getScores())
                .extracting(Score::getScorer, Score::getValue, Score::getEvidence)
                .isEqualTo(first.getScores().stream()
                        .map(score -> tuple(score.getScorer(), score.getValue(), score.getEvidence()))
                        .toList());
    }

    @Test
    void givenARemoteScorerThatIsDownWhenAskedThenItsScoreIsUnscoredWithTheReason() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        ScoringDefinition plan =
                definition(config(check("accuracy"), remote("http://127.0.0.1:" + port + "/score", null)), data);
        publish(plan);
        Case about = cases.cases().get(0);
        send(
                2,
                trajectory(
                        "g-1",
                        0,
                        "none",
                        PromptLayouts.canonical().completion(about, "none").text(),
                        about,
                        plan.hash(),
                        FinishReason.STOP));

        // Nobody waits for it: it follows in a record of its own.
        List<ConsumerRecord<String, Scores>> scores = served(config(check("format")), 2);

        assertThat(scores.get(0).value().getScores())
                .extracting(Score::getScorer, Score::getValue, Score::getLate)
                .containsExactly(tuple("accuracy", 1.0, false));
        assertThat(scores.get(1).value().getScores())
                .extracting(Score::getScorer, Score::getValue, Score::getUnscoredReason, Score::getLate)
                .containsExactly(tuple("remote", null, "cannot connect (2 tries)", true));
    }

    @Test
    void givenWhatCannotBeScoredWhenReadThenItIsADeadLetterThatNamesIt() throws Exception {
        // given
        ScoringDefinition plan = definition(config(check("accuracy")), data);
        publish(plan);
        Case about = cases.cases().get(0);
        Trajectory good = trajectory("g-1", 0, "none", "", about, plan.hash(), FinishReason.STOP);
        send(
                0,
                Trajectory.newBuilder(good)
                        .setCaseRef(new CaseRef("train.jsonl", cases.sha256(), "nobody"))
                        .build());
        send(0, Trajectory.newBuilder(good).setScoringConfigHash("unheard-of").build());
        send(0, "other", good);
        send(0, Trajectory.newBuilder(good).setPurpose("guess").build());
        try (var raw = new KafkaProducer<>(
                run.kafka().connectionProperties(), new StringSerializer(), new ByteArraySerializer())) {
            raw.send(new ProducerRecord<>(run.kafka().topic(Topics.TRAJECTORIES), 0, "g-1", new byte[] {7}))
                    .get();
        }
        send(0, good);

        // when
        RewardConfig impatient = config(10, ScoringExamples.IMPATIENT, Duration.ofMillis(300), check("accuracy"));
        served(impatient, 1);

        // then
        assertThat(read(Topics.DEAD_LETTERS, DeadLetter.class, 5))
                .extracting(letter -> letter.value().getReason())
                .satisfiesExactly(
                        reason -> assertThat(reason).contains("nobody"),
                        reason -> assertThat(reason).contains("unheard-of"),
                        reason -> assertThat(reason).contains("key 'other'"),
                        reason -> assertThat(reason)
                                .isEqualTo("purpose 'guess' is none of rl, distill, distill_rewarded, validation"),
                        reason -> assertThat(reason).isNotBlank());
    }

    @Test
    void givenOtherCasesThanTheRunsWhenReadThenTheServiceStopsNamesThemAndConsumesNothing(@TempDir Path other)
            throws Exception {
        // given
        Clinic.write(other, new ClinicSettings(12, 0.3, 2, 0, 0));
        ScoringDefinition plan = definition(config(check("accuracy")), data);
        publish(plan);
        send(0, trajectory("g-1", 0, "none", "", cases.cases().get(0), plan.hash(), FinishReason.STOP));

        // when
        try (RewardService service = new RewardService(run, config(check("format")), new CaseLibrary(other))) {
            service.start();
            ServiceThread thread = service.threads().get(0);
            await().atMost(PATIENCE).until(thread::ended);

            // then
            assertThat(thread.failure())
                    .hasValueSatisfying(failure -> assertThat(failure)
                            .isInstanceOf(UsageException.class)
                            .hasMessageStartingWith("data_root: " + other.resolve("train.jsonl"))
                            .hasMessageEndingWith("the run's is " + cases.sha256()));
        }
        assertThat(read(Topics.DEAD_LETTERS, DeadLetter.class, 0)).isEmpty();
        try (var admin = run.kafka().admin()) {
            assertThat(admin.listConsumerGroupOffsets(run.kafka().group("reward"))
                            .partitionsToOffsetAndMetadata()
                            .get())
                    .isEmpty();
        }
    }

    private List<ConsumerRecord<String, Scores>> served(RewardConfig config, int scores) {
        try (RewardService service = new RewardService(run, config, new CaseLibrary(data))) {
            service.start();
            return read(Topics.SCORES, Scores.class, scores);
        }
    }

    private <T extends SpecificRecord> List<ConsumerRecord<String, T>> read(Topics topic, Class<T> type, int count) {
        List<ConsumerRecord<String, T>> records = new ArrayList<>();
        try (DeadLetters letters = new DeadLetters(run.kafka(), "test");
                LogReader<T> reader = new LogReader<>(run.kafka(), topic, type, letters, null, Map.of())) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
                records.addAll(reader.poll(Duration.ofMillis(100)));
                return records.size() >= count;
            });
        }
        assertThat(records).hasSize(count);
        return records;
    }

    private static Map<String, Double> values(List<ConsumerRecord<String, Scores>> scores, String group) {
        Map<String, Double> values = new TreeMap<>();
        scores.stream()
                .filter(record -> record.key().equals(group))
                .flatMap(record -> record.value().getScores().stream())
                .filter(score -> score.getValue() != null)
                .forEach(score -> values.put(score.getScorer(), score.getValue()));
        return values;
    }

    private void publish(ScoringDefinition plan) {
        write(new ProducerRecord<>(run.kafka().topic(Topics.SCORING_CONFIGS), plan.hash(), plan.config()));
    }

    private void send(int partition, Trajectory trajectory) {
        send(partition, trajectory.getGroupId(), trajectory);
    }

    private void send(int partition, String key, Trajectory trajectory) {
        write(new ProducerRecord<>(run.kafka().topic(Topics.TRAJECTORIES), partition, key, trajectory));
    }

    private void write(ProducerRecord<String, SpecificRecord> record) {
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            producer.send(record).get();
        } catch (InterruptedException | ExecutionException failed) {
            throw new AssertionError(failed);
        }
    }

    private static Trajectory trajectory(
            String group, int index, String perspective, String text, Case about, String plan, FinishReason finish) {
        return Trajectory.newBuilder()
                .setTrajectoryId(group + "/" + index)
                .setGroupId(group)
                .setSpecialty(about.specialty())
                .setSampleIndex(index)
                .setPerspective(perspective)
                .setCaseRef(new CaseRef("train.jsonl", cases.sha256(), about.id()))
                .setScoringConfigHash(plan)
                .setPromptHash("")
                .setTokens(List.of(1, 2))
                .setLogprobs(List.of(-0.1f, -0.2f))
                .setSpans(List.of())
                .setText(text)
                .setFinishReason(finish)
                .setTemperature(1)
                .setWorker("test")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .build();
    }
}
