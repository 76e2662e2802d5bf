package ai.consilium.reward;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.schemas.Trajectory;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.CommitFailedException;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RebalanceInProgressException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side: goes on polling whatever waits, with its partitions paused while nothing more may be taken up, and commits
 * each partition up to its oldest open record. One thread only.
 */
final class TrajectoryIntake implements ConsumerRebalanceListener, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TrajectoryIntake.class);
    private static final Duration COMMIT_INTERVAL = Duration.ofMillis(100);

    private final Consumer<String, Decoded<Trajectory>> consumer;
    private final ScoresWriter writer;
    private final OffsetBook book = new OffsetBook();
    /** Read, and not taken up yet. */
    private final Deque<ConsumerRecord<String, Decoded<Trajectory>>> backlog = new ArrayDeque<>();

    private long committedNs = System.nanoTime();

    /** @param writer whose acknowledged scores end their trajectories */
    TrajectoryIntake(Consumer<String, Decoded<Trajectory>> consumer, String topic, ScoresWriter writer) {
        this.consumer = consumer;
        this.writer = writer;
        consumer.subscribe(Set.of(topic), this);
    }

    /**
     * Polls, so that the group knows that this member lives.
     *
     * @param more whether records may come; none do while some are left from before
     */
    void poll(boolean more, Duration wait) {
        if (more && backlog.isEmpty()) {
            consumer.resume(consumer.paused());
        } else {
            consumer.pause(consumer.assignment());
        }
        consumer.poll(wait).forEach(backlog::add);
    }

    /** The record to take up next; null when none was read. */
    @Nullable
    ConsumerRecord<String, Decoded<Trajectory>> peek() {
        return backlog.peek();
    }

    /** The record that was seen is open, until its scores are written or it is {@link #done}. */
    void take() {
        ConsumerRecord<String, ?> record = backlog.remove();
        book.begun(partition(record), record.offset());
    }

    /** A record needs no scores. */
    void done(ConsumerRecord<String, ?> record) {
        book.done(partition(record), record.offset());
    }

    /** Takes note of written scores. @return of how many trajectories */
    int settle() {
        int settled = 0;
        for (ScoresWriter.Subject one = writer.nextAcknowledged(); one != null; one = writer.nextAcknowledged()) {
            book.done(one.partition(), one.offset());
            settled++;
        }
        return settled;
    }

    /** Records that are taken up and not done. */
    int open() {
        return book.open();
    }

    /** Whether nothing that was read is left to do. */
    boolean idle() {
        return backlog.isEmpty() && book.open() == 0;
    }

    /** Commits, at most every tenth of a second. */
    void commitInTime() {
        if (System.nanoTime() - committedNs >= COMMIT_INTERVAL.toNanos()) {
            commit();
        }
    }

    /** Commits each partition up to its oldest open record. */
    void commit() {
        committedNs = System.nanoTime();
        if (idle()) {
            // Markers of transactions at the end of the log would look like work that is left.
            consumer.assignment().forEach(partition -> book.passed(partition, consumer.position(partition)));
        }
        commit(book.committable());
    }

    private void commit(Map<TopicPartition, Long> offsets) {
        if (offsets.isEmpty()) {
            return;
        }
        try {
            consumer.commitSync(offsets.entrySet().stream()
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> new OffsetAndMetadata(entry.getValue()))));
            book.committed(offsets);
        } catch (CommitFailedException | RebalanceInProgressException moved) {
            // The next poll tells which partitions are another member's now; it scores again what was not committed.
            LOG.atInfo().addKeyValue("reason", moved.getMessage()).log("offsets are not committed during a rebalance");
        }
    }

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        LOG.atDebug().addKeyValue("partitions", partitions).log("assigned");
    }

    /** What is open goes on here and begins anew with the next owner: of a trajectory's scores the first count. */
    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        settle();
        Map<TopicPartition, Long> offsets = book.committable();
        offsets.keySet().retainAll(partitions);
        commit(offsets);
        onPartitionsLost(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        backlog.removeIf(record -> partitions.contains(partition(record)));
        book.forget(partitions);
    }

    private static TopicPartition partition(ConsumerRecord<?, ?> record) {
        return new TopicPartition(record.topic(), record.partition());
    }

    @Override
    public void close() {
        consumer.close();
    }
}
