package ai.consilium.platform.transaction;

import java.time.Instant;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.common.TopicPartition;

/**
 * A transaction as a partition sees it: begun and not ended. Readers of committed records stop at its first record.
 *
 * @param partition that it holds
 * @param producerId of its producer
 * @param producerEpoch of its producer
 * @param coordinatorEpoch of the last marker that this producer's transactions got on this partition; 0 for none
 * @param startOffset of its first record
 * @param lastWrite time of its last record, by the producer's clock
 */
record OpenTransaction(
        TopicPartition partition,
        long producerId,
        short producerEpoch,
        int coordinatorEpoch,
        long startOffset,
        Instant lastWrite) {

    static OpenTransaction of(TopicPartition partition, ProducerState state) {
        return new OpenTransaction(
                partition,
                state.producerId(),
                (short) state.producerEpoch(),
                Math.max(0, state.coordinatorEpoch().orElse(0)),
                state.currentTransactionStartOffset().orElseThrow(),
                Instant.ofEpochMilli(state.lastTimestamp()));
    }

    /** Whether the other is this transaction at another time. */
    boolean sameAs(OpenTransaction other) {
        return partition.equals(other.partition) && producerId == other.producerId && startOffset == other.startOffset;
    }
}
