package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.advantage.AdvantageService;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.reward.RewardService;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scorers of type kafka: processes that nobody calls, beside the reward service and before the advantage stream. */
class ExternalScorerIT {
    private static final String SPECIALTY = "adult_medicine";
    private static final int SIZE = 4;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Path EXAMPLES = Path.of("..", "examples", "scorers");

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir
    private Path dir;

    private final RunContext run = cluster.run(SPECIALTY);

    private final ConsiliumConfig config = new ConfigOptions(Map.of(
                    "CONSILIUM_MODEL",
                    Sources.ROOT.resolve("models/tiny").toString(),
                    "CONSILIUM_REWARD__SCORERS",
                    "[{name: accuracy, type: accuracy, required: true}, {name: format, type: format, required: true},"
                            + " {name: tone, type: kafka, required: true, revision: v1}]"))
            .load()
            .config();

    @BeforeEach
    void writeCases() {
        Clinic.write(dir.resolve("data"), new ClinicSettings(11, 0.3, 2, 0, 0));
    }

    @Test
    void givenAProcessOfSomebodyElseWhenItScoresThenGroupsWaitForItAndTrainOnIt() throws Exception {
        try (AdvantageService advantage =
                started(new AdvantageService(run, config.advantage(), dir.resolve("state")))) {
            try (RewardService reward = started(reward())) {
                send("first");
                // given the reward service's own scores, which are not enough
                await().atMost(PATIENCE).until(() -> scores().size() == SIZE);
                assertThat(scores())
                        .allSatisfy(given -> assertThat(given.getScores())
                                .extracting(Score::getScorer)
                                .containsExactly("accuracy", "format"));
                assertThat(groups()).isEmpty();

                // when
                try (OutsideProcess tone = process(of -> (Integer) of.get("sampleIndex") / 10.0)) {
                    await().atMost(PATIENCE).until(() -> groups().size() == 1);
                }
                assertThat(reward.threads().get(0).failure()).isEmpty();
            }
            assertThat(advantage.threads().get(0).failure()).isEmpty();
        }

        // then
        assertThat(groups().get(0).getMembers())
                .extracting(Member::getSampleIndex, member -> member.getParts().get("guideline"))
                .containsExactly(tuple(0, 0.0), tuple(1, 0.1), tuple(2, 0.2), tuple(3, 0.3));
        assertThat(letters()).isEmpty();
    }

    @Test
    void givenAProcessThatWritesNonsenseThenEachIsADeadLetterAndNothingIsZero() throws Exception {
        try (AdvantageService advantage = started(new AdvantageService(run, config.advantage(), dir.resolve("state")));
                RewardService reward = started(reward())) {
            send("second");
            try (OutsideProcess wrong = process(of -> Double.NaN)) {
                await().atMost(PATIENCE).until(() -> letters().size() == SIZE);
            }
            assertThat(letters())
                    .extracting(DeadLetter::getReason)
                    .containsOnly("scorer 'tone' gave NaN, which is not in [0, 1]");
            assertThat(groups()).isEmpty();
            assertThat(reward.threads().get(0).failure()).isEmpty();
            assertThat(advantage.threads().get(0).failure()).isEmpty();
        }
    }

    @Test
    void givenTheExampleInPythonThenItScoresARun() throws Exception {
        assumeTrue(
                imports("confluent_kafka", "fastavro"), "python3 with confluent-kafka and fastavro is not installed");
        Process tone = new ProcessBuilder(
                        "python3",
                        EXAMPLES.resolve("tone_kafka.py").toString(),
                        cluster.bootstrapServers(),
                        cluster.registryUrl(),
                        run.kafka().settings().prefix(),
                        "tone")
                .inheritIO()
                .start();
        try (AdvantageService advantage = started(new AdvantageService(run, config.advantage(), dir.resolve("state")));
                RewardService reward = started(reward())) {
            send("third");
            await().atMost(PATIENCE).until(() -> groups().size() == 1);

            assertThat(groups().get(0).getMembers())
                    .extracting(member -> Math.round(10 * member.getParts().getOrDefault("guideline", Double.NaN)))
                    .containsExactly(10L, 8L, 6L, 4L);
            assertThat(letters()).isEmpty();
            assertThat(List.of(reward, advantage))
                    .allSatisfy(service ->
                            assertThat(service.threads().get(0).failure()).isEmpty());
        } finally {
            tone.destroyForcibly();
        }
    }

    @Test
    void givenTheExampleInPythonThenItIsShort() throws IOException {
        assertThat(Files.readAllLines(EXAMPLES.resolve("tone_kafka.py")).stream()
                        .map(String::strip)
                        .filter(line -> line.length() > 3
                                && !line.startsWith("#")
                                && !line.startsWith("\"\"\"")
                                && !line.startsWith("import "))
                        .count())
                .isLessThanOrEqualTo(20);
    }

    private static boolean imports(String... packages) throws InterruptedException {
        try {
            Process tried = new ProcessBuilder("python3", "-c", "import " + String.join(", ", packages))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return tried.waitFor(30, TimeUnit.SECONDS) && tried.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        }
    }

    private OutsideProcess process(Function<GenericRecord, Double> score) {
        return new OutsideProcess(
                cluster.bootstrapServers(),
                cluster.registryUrl(),
                run.kafka().settings().prefix(),
                "tone",
                score);
    }

    private RewardService reward() {
        return new RewardService(run, config.reward(), new CaseLibrary(dir.resolve("data")));
    }

    private static <S extends Service> S started(S service) {
        service.start();
        return service;
    }

    /** A prompt, and trajectories of which each has one "maybe" more, and the first a wrong answer. */
    private void send(String group) throws Exception {
        CaseFile cases = CaseFile.read(dir.resolve("data").resolve("train.jsonl"));
        Case about = cases.cases().stream()
                .filter(one -> one.specialty().equals(SPECIALTY))
                .findFirst()
                .orElseThrow();
        CaseRef ref = new CaseRef("train.jsonl", cases.sha256(), about.id());
        ScoringDefinition plan = new PreflightChecks(config).scoring(dir);
        Prompt prompt = Prompt.newBuilder(RunRecords.prompt(group, SPECIALTY))
                .setMembers(Collections.nCopies(SIZE, "none"))
                .setCaseRef(ref)
                .setScoringConfigHash(plan.hash())
                .build();
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            send(producer, Topics.SCORING_CONFIGS, 0, plan.hash(), plan.config());
            send(producer, Topics.PROMPTS, 1, group, prompt);
            for (int i = 0; i < SIZE; i++) {
                String answer = i == 0 ? "?" : about.options().get(about.label());
                String text = "<think> " + "maybe ".repeat(i) + "</think> <answer> " + answer + " </answer> <|im_end|>";
                send(producer, Topics.TRAJECTORIES, 1, group, trajectory(group, i, ref, plan.hash(), text));
            }
        }
    }

    private static Trajectory trajectory(String group, int sample, CaseRef ref, String plan, String text) {
        return Trajectory.newBuilder()
                .setTrajectoryId(group + "-" + sample)
                .setGroupId(group)
                .setSpecialty(SPECIALTY)
                .setSampleIndex(sample)
                .setPerspective("none")
                .setCaseRef(ref)
                .setScoringConfigHash(plan)
                .setPromptHash("")
                .setTokens(List.of(1, 2))
                .setLogprobs(List.of(-0.1f, -0.2f))
                .setSpans(List.of())
                .setText(text)
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("test")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .build();
    }

    private void send(
            Producer<String, SpecificRecord> producer, Topics topic, int partition, String key, SpecificRecord value)
            throws Exception {
        producer.send(new ProducerRecord<>(run.kafka().topic(topic), partition, key, value))
                .get();
    }

    private List<Scores> scores() {
        return all(Topics.SCORES, Scores.class);
    }

    private List<TrainingGroup> groups() {
        return all(Topics.TRAINING_GROUPS, TrainingGroup.class);
    }

    private List<DeadLetter> letters() {
        return all(Topics.DEAD_LETTERS, DeadLetter.class);
    }

    private <T extends SpecificRecord> List<T> all(Topics topic, Class<T> type) {
        List<T> all = new ArrayList<>();
        TopicContent.read(run.kafka(), topic, type, all::add);
        return all;
    }
}
