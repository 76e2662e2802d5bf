package ai.consilium.tests;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The log of a run directory that no process holds, opened to be read and written by a test. */
final class RunOnDisk implements AutoCloseable {
    private final EmbeddedKafka broker;
    private final EmbeddedRegistry registry;
    private final KafkaClients kafka;

    RunOnDisk(Path runDirectory) throws IOException {
        broker = EmbeddedKafka.start(runDirectory.resolve("kafka"), 0);
        registry = EmbeddedRegistry.start(broker.bootstrapServers(), 0);
        String runId = Files.readString(runDirectory.resolve("run.id")).strip();
        kafka = new KafkaClients(new KafkaSettings(broker.bootstrapServers(), registry.url(), runId, 4, 1, Map.of()));
    }

    /** Copies a run directory. @return the copy */
    static Path copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
        return to;
    }

    /** Leaves the address in the run directory, as a run that is under way does. */
    void announce(Path runDirectory) throws IOException {
        Files.writeString(
                runDirectory.resolve("cluster.json"),
                "{\"bootstrapServers\": \"%s\", \"registryUrl\": \"%s\"}"
                        .formatted(broker.bootstrapServers(), registry.url()));
    }

    /** Clients of the run. */
    KafkaClients kafka() {
        return kafka;
    }

    /** Every record of a topic. */
    <T extends SpecificRecord> List<T> read(Topics topic, Class<T> type) {
        return read(kafka, topic, type);
    }

    /** Every record of a topic of a run. */
    static <T extends SpecificRecord> List<T> read(KafkaClients kafka, Topics topic, Class<T> type) {
        List<T> values = new ArrayList<>();
        try (LogReader<T> reader = new LogReader<>(kafka, topic, type, UnusableRecords.LOGGED, null, Map.of())) {
            reader.readToEnd(batch -> batch.forEach(record -> values.add(record.value())));
        }
        return values;
    }

    /**
     * Writes a reinforced group once more, as another.
     *
     * @param id of the copy, and what the ids of its trajectories begin with
     * @param advantage makes the first member's from what is recorded
     */
    void repeatAGroup(String id, DoubleUnaryOperator advantage) {
        TrainingGroup group = read(Topics.TRAINING_GROUPS, TrainingGroup.class).stream()
                .filter(one -> one.getPurpose().equals(Purpose.RL))
                .findFirst()
                .orElseThrow();
        String of = group.getGroupId();
        try (Producer<String, SpecificRecord> producer = kafka.producer("test")) {
            for (Prompt prompt : read(Topics.PROMPTS, Prompt.class)) {
                if (prompt.getGroupId().equals(of)) {
                    send(
                            producer,
                            Topics.PROMPTS,
                            id,
                            Prompt.newBuilder(prompt).setGroupId(id).build());
                }
            }
            for (Trajectory one : read(Topics.TRAJECTORIES, Trajectory.class)) {
                if (one.getGroupId().equals(of)) {
                    String trajectory = id + one.getTrajectoryId();
                    send(
                            producer,
                            Topics.TRAJECTORIES,
                            id,
                            Trajectory.newBuilder(one)
                                    .setGroupId(id)
                                    .setTrajectoryId(trajectory)
                                    .build());
                }
            }
            for (Scores one : read(Topics.SCORES, Scores.class)) {
                if (one.getGroupId().equals(of)) {
                    String trajectory = id + one.getTrajectoryId();
                    send(
                            producer,
                            Topics.SCORES,
                            id,
                            Scores.newBuilder(one)
                                    .setGroupId(id)
                                    .setTrajectoryId(trajectory)
                                    .build());
                }
            }
            List<Member> members = new ArrayList<>();
            for (Member member : group.getMembers()) {
                double recorded = member.getAdvantage();
                members.add(Member.newBuilder(member)
                        .setTrajectoryId(id + member.getTrajectoryId())
                        .setAdvantage(members.isEmpty() ? advantage.applyAsDouble(recorded) : recorded)
                        .build());
            }
            TrainingGroup copy = TrainingGroup.newBuilder(group)
                    .setGroupId(id)
                    .setMembers(members)
                    .build();
            send(producer, Topics.TRAINING_GROUPS, group.getSpecialty(), copy);
            producer.flush();
        }
    }

    private void send(Producer<String, SpecificRecord> producer, Topics topic, String key, SpecificRecord value) {
        // The flush waits for it.
        var unused = producer.send(new ProducerRecord<>(kafka.topic(topic), 0, key, value));
    }

    @Override
    public void close() {
        registry.close();
        broker.close();
    }
}
