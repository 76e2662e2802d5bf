package ai.consilium.runlog.lineage;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.runlog.provenance.LogPlace;
import ai.consilium.schemas.Consumed;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Follows the training groups and remembers, of those that no version has consumed yet, what lineage says of them. */
final class GroupDigests implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(50);
    /** What an update consumed was committed before it; it takes as long as a fetch. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /** @param trajectoryIds in the order of samples */
    record Digest(LogPlace place, String sha256, String scoring, List<String> trajectoryIds) {}

    private final LogReader<TrainingGroup> reader;
    private final Map<Integer, Map<String, Digest>> waiting = new HashMap<>();

    /** @param from offsets before which all is consumed already, by partition */
    GroupDigests(KafkaClients kafka, Map<Integer, Long> from) {
        this.reader = reader(kafka, from);
    }

    private static LogReader<TrainingGroup> reader(KafkaClients kafka, Map<Integer, Long> from) {
        try {
            return open(kafka, from);
        } catch (UsageException removed) {
            // Retention has passed the place: what is left is read from where it begins.
            return open(kafka, Map.of());
        }
    }

    private static LogReader<TrainingGroup> open(KafkaClients kafka, Map<Integer, Long> from) {
        return new LogReader<>(kafka, Topics.TRAINING_GROUPS, TrainingGroup.class, UnusableRecords.LOGGED, null, from);
    }

    /** Reads up to the end of what was consumed. */
    void readTo(Consumed range) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (reader.position(range.getPartition()) < range.getToOffset()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("%s/%d cannot be read up to offset %d"
                        .formatted(range.getTopic(), range.getPartition(), range.getToOffset()));
            }
            reader.pollWhole(POLL).forEach(this::add);
        }
    }

    private void add(ConsumerRecord<String, Decoded<TrainingGroup>> record) {
        TrainingGroup group = record.value().value();
        if (group != null) {
            waiting.computeIfAbsent(record.partition(), partition -> new HashMap<>())
                    .putIfAbsent(
                            group.getGroupId(),
                            new Digest(
                                    LogPlace.of(Topics.TRAINING_GROUPS, record),
                                    DigestUtils.sha256Hex(record.value().bytes()),
                                    group.getScoringConfigHash(),
                                    group.getMembers().stream()
                                            .map(Member::getTrajectoryId)
                                            .toList()));
        }
    }

    /** A group that was read. */
    Optional<Digest> of(int partition, String groupId) {
        return Optional.ofNullable(waiting.getOrDefault(partition, Map.of()).get(groupId));
    }

    /** What was consumed is not asked for again. */
    void forget(Consumed range) {
        waiting.getOrDefault(range.getPartition(), new HashMap<>())
                .values()
                .removeIf(digest -> digest.place().offset() < range.getToOffset());
    }

    @Override
    public void close() {
        reader.close();
    }
}
