package ai.consilium.platform;

import java.util.Optional;

/**
 * A named thread that runs a flow until it ends, fails or is asked to stop. The flow beats after each piece of progress
 * and says what it waits for, so that a stall can be explained.
 */
public final class ServiceThread implements AutoCloseable {
    /** A flow; returns when its work is over or {@link Pulse#stopping()} says so. */
    @FunctionalInterface
    public interface Flow {
        /** Runs it. */
        void run(Pulse pulse) throws Exception;
    }

    /** The flow's side of the thread. */
    public interface Pulse {
        /** Whether the flow should return soon. */
        boolean stopping();

        /** Progress was made. */
        void beat();

        /** The flow is about to wait; the cause is shown when the wait grows long. */
        void waitingFor(String cause);
    }

    /** A thread that has not started. */
    public ServiceThread(String name, Flow flow) {
        throw new UnsupportedOperationException("stub");
    }

    /** Starts it. */
    public void start() {
        throw new UnsupportedOperationException("stub");
    }

    /** Name of the thread. */
    public String name() {
        throw new UnsupportedOperationException("stub");
    }

    /** Whether the flow has returned or failed. */
    public boolean ended() {
        throw new UnsupportedOperationException("stub");
    }

    /** Why it failed, if it did. */
    public Optional<Throwable> failure() {
        throw new UnsupportedOperationException("stub");
    }

    /** Milliseconds since the last beat. */
    public long quietMs() {
        throw new UnsupportedOperationException("stub");
    }

    /** What it said that it waits for, or an empty string while it works. */
    public String waitingFor() {
        throw new UnsupportedOperationException("stub");
    }

    /** Asks it to stop, wakes it from sleep and waits up to 30 s. */
    @Override
    public void close() {
        throw new UnsupportedOperationException("stub");
    }
}
