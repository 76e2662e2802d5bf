package ai.consilium.platform.service;

import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

        /** The flow is about to wait for something that may rightly take long: not a stall, until the next beat. */
        default void idle(String cause) {
            waitingFor(cause);
        }

        /** Sleeps, and wakes early when the thread is asked to stop. */
        default void pause(Duration duration) throws InterruptedException {
            Thread.sleep(duration.toMillis());
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ServiceThread.class);
    /** A flow that polls sees the wish to stop by itself; only one that sleeps needs to be interrupted. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final Flow flow;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile boolean started;
    private volatile boolean ended;
    private volatile boolean idle;
    private volatile long lastBeatNs = System.nanoTime();
    private volatile String waitingFor = "";
    private volatile @Nullable Throwable failure;

    /** A thread that has not started. */
    public ServiceThread(String name, Flow flow) {
        this.name = name;
        this.flow = flow;
        this.thread = new Thread(this::run, name);
    }

    private void run() {
        try {
            flow.run(new Beat());
        } catch (Throwable e) {
            // An interrupt after the wish to stop is how a sleeping flow learns of it.
            if (stop.getCount() > 0 || !interrupted(e)) {
                failure = e;
                LOG.atError().addKeyValue("thread", name).setCause(e).log("thread failed");
            }
        } finally {
            ended = true;
        }
    }

    private static boolean interrupted(Throwable e) {
        return e instanceof InterruptedException
                || e instanceof ClosedByInterruptException
                || e instanceof org.apache.kafka.common.errors.InterruptException
                || (e.getCause() != null && interrupted(e.getCause()));
    }

    /** Starts it. */
    public void start() {
        lastBeatNs = System.nanoTime();
        started = true;
        thread.start();
    }

    /** Name of the thread. */
    public String name() {
        return name;
    }

    /** Whether it was started. */
    public boolean started() {
        return started;
    }

    /** Whether the flow has returned or failed. */
    public boolean ended() {
        return ended;
    }

    /** Why it failed, if it did. */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure);
    }

    /** {@code new}, {@code running}, {@code ended} or {@code failed}. */
    public String state() {
        if (failure != null) {
            return "failed";
        }
        if (ended) {
            return "ended";
        }
        return started ? "running" : "new";
    }

    /** Milliseconds since the last beat. */
    public long quietMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - lastBeatNs);
    }

    /** What it said that it waits for, or an empty string while it works. */
    public String waitingFor() {
        return waitingFor;
    }

    /** Whether it said that its wait may rightly take long. */
    public boolean idle() {
        return idle;
    }

    /** Asks it to stop, wakes it from sleep and waits up to 30 s. */
    @Override
    public void close() {
        stop.countDown();
        if (!started || Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(GRACE.toMillis());
            if (thread.isAlive()) {
                thread.interrupt();
                thread.join(PATIENCE.minus(GRACE).toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.atWarn()
                    .addKeyValue("thread", name)
                    .addKeyValue("waitingFor", waitingFor)
                    .log("thread did not stop");
        }
    }

    private final class Beat implements Pulse {
        @Override
        public boolean stopping() {
            return stop.getCount() == 0;
        }

        @Override
        public void beat() {
            lastBeatNs = System.nanoTime();
            waitingFor = "";
            idle = false;
        }

        @Override
        public void waitingFor(String cause) {
            if (idle) {
                // The rightful wait is over: what is waited for now is measured from here.
                lastBeatNs = System.nanoTime();
                idle = false;
            }
            waitingFor = cause;
        }

        @Override
        public void idle(String cause) {
            waitingFor = cause;
            idle = true;
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
            if (stop.await(duration.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.atDebug().addKeyValue("thread", name).log("woken to stop");
            }
        }
    }
}
