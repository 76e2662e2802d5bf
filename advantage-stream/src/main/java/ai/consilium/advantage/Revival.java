package ai.consilium.advantage;

import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InvalidTxnStateException;

/**
 * Whether a stream thread that died may be followed by another. A transaction that the broker ended, because this process stood
 * still for too long, is begun again from the log: nothing of it was committed. One that dies again before a record was read is
 * beyond help. Thread-safe.
 */
final class Revival {
    private long progressedBefore = -1;

    /** @param progressed {@link GroupMeters#progressed} now */
    synchronized boolean possible(Throwable death, long progressed) {
        boolean transactionEnded = Stream.iterate(death, Objects::nonNull, Throwable::getCause)
                .anyMatch(InvalidTxnStateException.class::isInstance);
        boolean alive = progressed != progressedBefore;
        progressedBefore = progressed;
        return transactionEnded && alive;
    }
}
