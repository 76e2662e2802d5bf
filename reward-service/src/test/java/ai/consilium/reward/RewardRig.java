package ai.consilium.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Predicate;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One run: trajectories of a simulated case in, what reward services make of them out. */
final class RewardRig implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofMinutes(2);

    private final RunContext run;
    private final Path data;
    private final CaseFile cases;
    private final Producer<String, SpecificRecord> producer;
    private final DeadLetters letters;
    private final LogReader<Scores> reader;
    private final List<Scores> seen = new ArrayList<>();

    /** @param data directory that simulated cases are written to, unless it has some */
    RewardRig(RunContext run, Path data) {
        this.run = run;
        this.data = data;
        if (!Files.exists(data.resolve("train.jsonl"))) {
            Clinic.write(data, new ClinicSettings(11, 0.3, 2, 0, 0));
        }
        this.cases = CaseFile.read(data.resolve("train.jsonl"));
        this.producer = run.kafka().producer("test");
        this.letters = new DeadLetters(run.kafka(), "test");
        this.reader = new LogReader<>(run.kafka(), Topics.SCORES, Scores.class, letters, null, Map.of());
    }

    /** Publishes what a configuration scores by. @return its hash */
    String publish(RewardConfig config) throws InterruptedException, ExecutionException {
        ScoringDefinition plan = ScoringExamples.definition(config, data);
        producer.send(new ProducerRecord<>(run.kafka().topic(Topics.SCORING_CONFIGS), plan.hash(), plan.config()))
                .get();
        return plan.hash();
    }

    /** Sends a trajectory of a group; its id is the group's. */
    void send(String group, String perspective, String plan) {
        send(trajectory(group, perspective, plan));
    }

    /** A trajectory of a group; its id is the group's. */
    Trajectory trajectory(String group, String perspective, String plan) {
        Case about = cases.cases().get(0);
        return Trajectory.newBuilder()
                .setTrajectoryId(group)
                .setGroupId(group)
                .setSpecialty(about.specialty())
                .setSampleIndex(0)
                .setPerspective(perspective)
                .setCaseRef(new CaseRef("train.jsonl", cases.sha256(), about.id()))
                .setScoringConfigHash(plan)
                .setPromptHash("")
                .setTokens(List.of(1, 2))
                .setLogprobs(List.of(-0.1f, -0.2f))
                .setSpans(List.of())
                .setText(PromptLayouts.canonical().completion(about, "none").text())
                .setFinishReason(FinishReason.STOP)
                .setTemperature(1)
                .setWorker("test")
                .setDeliveryCount(1)
                .setSampledMs(1)
                .setCreatedMs(1)
                .build();
    }

    /** Sends a trajectory. */
    void send(Trajectory trajectory) {
        String group = trajectory.getGroupId();
        int partition = Math.floorMod(group.hashCode(), run.kafka().settings().partitions());
        var unused = producer.send(
                new ProducerRecord<>(run.kafka().topic(Topics.TRAJECTORIES), partition, group, trajectory));
    }

    /** Sends many of no perspective: {@code prefix-0} and so on. */
    void sendMany(String prefix, int count, String plan) {
        for (int i = 0; i < count; i++) {
            send(prefix + "-" + i, "none", plan);
        }
        producer.flush();
    }

    /** A service that has started. */
    RewardService service(String instance, RewardConfig config) {
        RewardService service = new RewardService(
                new RunContext(run.runId(), instance, run.specialties(), run.kafka(), new SimpleMeterRegistry()),
                config,
                new CaseLibrary(data));
        service.start();
        return service;
    }

    /** Reads on until what was written suffices. @return everything that was written */
    List<Scores> until(Predicate<List<Scores>> enough) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> {
            reader.poll(Duration.ofMillis(100)).forEach(record -> seen.add(record.value()));
            return enough.test(seen);
        });
        return List.copyOf(seen);
    }

    /** Reads on until so many trajectories are decided. */
    List<Scores> untilDecided(int trajectories) {
        return until(all ->
                decided(all).stream().map(Scores::getTrajectoryId).distinct().count() >= trajectories);
    }

    /** The records that count for advantages. */
    static List<Scores> decided(List<Scores> all) {
        return all.stream()
                .filter(record -> record.getScores().isEmpty()
                        || record.getScores().stream().anyMatch(score -> !score.getLate()))
                .toList();
    }

    /** Every record is of one kind: what counts, or what came late. */
    static void assertNoMixture(List<Scores> all) {
        assertThat(all)
                .allSatisfy(record -> assertThat(
                                record.getScores().stream().map(Score::getLate).distinct())
                        .hasSizeLessThanOrEqualTo(1));
    }

    RunContext run() {
        return run;
    }

    @Override
    public void close() {
        producer.close();
        reader.close();
        letters.close();
    }
}
