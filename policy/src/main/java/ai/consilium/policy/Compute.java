package ai.consilium.policy;

import java.time.Duration;
import java.util.concurrent.Callable;

/**
 * The threads that run tensors: nothing else does. Work is queued by urgency; each thread has its own operator threads
 * (one), grad mode and memory scopes. Counts how long its threads waited for work, so that a run can show that the
 * stream does not hold the tensors up.
 */
public final class Compute implements AutoCloseable {
    /** What goes first when both wait. */
    public enum Urgency {
        TRAIN,
        SAMPLE,
        EVALUATE
    }

    /** Busy and waiting time since the first job after {@link #resetUsage()}, summed over the threads. */
    public record Usage(Duration wall, Duration busy, Duration waiting, int threads) {}

    /** Starts the threads. @param threads at least 1 */
    public Compute(int threads) {
        throw new UnsupportedOperationException("stub");
    }

    /** Runs a job on a compute thread and waits for it; the job's exception is rethrown as it is. */
    public <T> T call(Urgency urgency, Callable<T> job) throws InterruptedException {
        throw new UnsupportedOperationException("stub");
    }

    /** Usage so far. */
    public Usage usage() {
        throw new UnsupportedOperationException("stub");
    }

    /** Starts counting anew at the next job. */
    public void resetUsage() {
        throw new UnsupportedOperationException("stub");
    }

    @Override
    public void close() {}
}
