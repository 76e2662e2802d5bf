package ai.consilium.advantage.topology;

import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.common.errors.InvalidTxnStateException;

/**
 * Whether a stream thread that died may be followed by another. A transaction that the broker ended, because this process stood
 * still for too long, is begun again from the log: nothing of it was committed. When more threads than there are die before a
 * record was read, they are beyond help. Thread-safe.
 */
public final class StreamThreadRestartPolicy {
    private final int threads;
    private long progressedBefore = -1;
    private int deaths;

    /** @param threads that the process runs */
    public StreamThreadRestartPolicy(int threads) {
        this.threads = threads;
    }

    /** @param progressed {@link GroupMetrics#progressed} now */
    public synchronized boolean possible(Throwable death, long progressed) {
        boolean transactionEnded = Stream.iterate(death, Objects::nonNull, Throwable::getCause)
                .anyMatch(InvalidTxnStateException.class::isInstance);
        deaths = progressed == progressedBefore ? deaths + 1 : 1;
        progressedBefore = progressed;
        return transactionEnded && deaths <= threads;
    }
}
