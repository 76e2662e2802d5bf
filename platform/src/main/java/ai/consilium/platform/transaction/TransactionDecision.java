package ai.consilium.platform.transaction;

import java.util.List;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;
import org.apache.kafka.coordinator.transaction.TransactionState;

/** How a transaction was to end, by what its coordinator wrote down. */
enum TransactionDecision {
    /** The producer was told that it is committed, or was about to be. */
    COMMIT,
    /** It was aborted, or nobody ever decided on it. */
    ABORT,
    /** What the coordinator wrote about it is gone, or does not tell it from other transactions. */
    UNKNOWN;

    private static final short EPOCH_PER_TRANSACTION = 2;

    /**
     * Reads a decision. Since version 2 of the transaction protocol every end raises the producer's epoch by one, so that an epoch
     * names one transaction; before, many transactions share an epoch.
     *
     * @param history everything that is left of what the coordinator wrote about the producer, oldest first
     */
    static TransactionDecision of(OpenTransaction transaction, List<TransactionMetadata> history) {
        boolean later = false;
        for (TransactionMetadata record : history) {
            boolean precise = record.clientTransactionVersion().featureLevel() >= EPOCH_PER_TRANSACTION;
            int ended = precise ? record.producerEpoch() - 1 : record.producerEpoch();
            if (ended == transaction.producerEpoch() && isCommit(record.state())) {
                return precise ? COMMIT : UNKNOWN;
            }
            if (isAbort(record.state()) && (ended == transaction.producerEpoch() || next(record, transaction))) {
                return ABORT;
            }
            later |= record.producerEpoch() > transaction.producerEpoch();
        }
        return later ? UNKNOWN : ABORT;
    }

    /** An abort that fences the producer raises its epoch in every version of the protocol. */
    private static boolean next(TransactionMetadata record, OpenTransaction transaction) {
        return record.producerEpoch() == transaction.producerEpoch() + 1;
    }

    private static boolean isCommit(TransactionState state) {
        return state == TransactionState.PREPARE_COMMIT || state == TransactionState.COMPLETE_COMMIT;
    }

    private static boolean isAbort(TransactionState state) {
        return state == TransactionState.PREPARE_ABORT || state == TransactionState.COMPLETE_ABORT;
    }
}
