package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Follows one topic from a chosen offset without a consumer group: the log itself is the state, so a restart reads it
 * again. Poisoned records go to the dead letters and are passed over. One thread only.
 */
public final class LogReader<T extends SpecificRecord> implements AutoCloseable {
    /**
     * Reads all partitions, or one.
     *
     * @param partition null for all
     * @param from offset per partition; partitions that are absent start at the beginning
     */
    public LogReader(
            KafkaClients clients,
            Topics topic,
            Class<T> type,
            DeadLetters deadLetters,
            @Nullable Integer partition,
            Map<Integer, Long> from) {
        throw new UnsupportedOperationException("stub");
    }

    /** Next committed records, in partition order; empty when none came in time. */
    public List<ConsumerRecord<String, T>> poll(Duration timeout) {
        throw new UnsupportedOperationException("stub");
    }

    /** Whether every record that was committed when this was asked has been returned by {@link #poll}. */
    public boolean caughtUp() {
        throw new UnsupportedOperationException("stub");
    }

    /** Next offset of a partition, gaps of transactions included. */
    public long position(int partition) {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {}
}
