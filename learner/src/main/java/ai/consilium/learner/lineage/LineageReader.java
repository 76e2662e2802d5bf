package ai.consilium.learner.lineage;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicIds;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/**
 * Reads what was published before a learner started. All specialties share one partition, and what was committed behind
 * another learner's open transaction is hidden until that one ends. So it reads up to the end of everything that was written,
 * committed or not: stopping at the last visible record could publish a version twice.
 */
public final class LineageReader {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final KafkaClients kafka;
    private final String specialty;
    private final DeadLetters deadLetters;
    private final Set<Parent> elsewhere;

    public LineageReader(KafkaClients kafka, String specialty, DeadLetters deadLetters) {
        this(kafka, specialty, deadLetters, Set.of());
    }

    /** @param elsewhere versions of another run that may have sampled, too */
    public LineageReader(KafkaClients kafka, String specialty, DeadLetters deadLetters, Set<Parent> elsewhere) {
        this.kafka = kafka;
        this.specialty = specialty;
        this.deadLetters = deadLetters;
        this.elsewhere = Set.copyOf(elsewhere);
    }

    /** Id of the topic that published versions stand on: another run's, or one that was made anew, has another. */
    public String topicId() throws InterruptedException {
        return Objects.requireNonNull(
                TopicIds.of(kafka, List.of(Topics.POLICY_UPDATES)).get(Topics.POLICY_UPDATES.baseName()));
    }

    /**
     * Reads it.
     *
     * @return empty when asked to stop before all of it was read
     */
    public Optional<Lineage> read(Pulse pulse) throws InterruptedException {
        Lineage lineage = new Lineage(specialty, elsewhere);
        long end = writtenEnd();
        try (LogReader<PolicyUpdate> reader =
                new LogReader<>(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, 0, Map.of())) {
            while (reader.position(0) < end) {
                if (pulse.stopping()) {
                    return Optional.empty();
                }
                pulse.waitingFor(
                        "published versions: offset %d of %d, perhaps behind another learner's open transaction"
                                .formatted(reader.position(0), end));
                reader.poll(PATIENCE).forEach(record -> lineage.add(record.value()));
            }
        }
        pulse.beat();
        return Optional.of(lineage);
    }

    private long writtenEnd() throws InterruptedException {
        TopicPartition partition = new TopicPartition(kafka.topic(Topics.POLICY_UPDATES), 0);
        try (Admin admin = kafka.admin()) {
            return admin.listOffsets(
                            Map.of(partition, OffsetSpec.latest()),
                            new ListOffsetsOptions(IsolationLevel.READ_UNCOMMITTED))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (ExecutionException e) {
            throw new KafkaException("the end of " + partition.topic() + " cannot be read", e.getCause());
        }
    }
}
