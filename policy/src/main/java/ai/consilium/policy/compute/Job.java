package ai.consilium.policy.compute;

import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A job in the queue: by rank, the least first, then in order of submission. */
final class Job<T> implements Comparable<Job<?>> {
    private final int rank;
    private final long number;
    private final Callable<T> work;
    private final Runnable ended;
    private final CountDownLatch finished = new CountDownLatch(1);
    private @Nullable Thread runner;
    private @Nullable T value;
    private @Nullable Throwable failure;

    Job(int rank, long number, Callable<T> work, Runnable ended) {
        this.rank = rank;
        this.number = number;
        this.work = work;
        this.ended = ended;
    }

    void run() {
        synchronized (this) {
            runner = Thread.currentThread();
        }
        try {
            value = work.call();
        } catch (Throwable e) {
            failure = e;
        } finally {
            synchronized (this) {
                runner = null;
                // An interrupt that came too late for this job must not hit the next one.
                boolean late = Thread.interrupted();
                if (late && failure == null) {
                    failure = new InterruptedException("interrupted at its end");
                }
            }
            finished.countDown();
            ended.run();
        }
    }

    private synchronized void interrupt() {
        if (runner != null) {
            runner.interrupt();
        }
    }

    /** Interrupts it and waits: when this returns, nothing of it runs any more. */
    void stop() {
        interrupt();
        boolean stopped = false;
        while (!stopped) {
            try {
                finished.await();
                stopped = true;
            } catch (InterruptedException again) {
                interrupt();
            }
        }
    }

    /** It will never run. */
    void abandon() {
        failure = new IllegalStateException(Compute.CLOSED);
        finished.countDown();
        ended.run();
    }

    /** Waits for its end. */
    void await() throws InterruptedException {
        finished.await();
    }

    /** Of a job that has ended. */
    @SuppressWarnings("NullAway") // a job without failure has its callable's value, whatever that may be
    T result() throws InterruptedException {
        if (failure != null) {
            throw unchanged(failure);
        }
        return value;
    }

    /** Throws what cannot be returned as a runtime exception. */
    static RuntimeException unchanged(Throwable failure) throws InterruptedException {
        if (failure instanceof InterruptedException interrupted) {
            throw interrupted;
        } else if (failure instanceof Error error) {
            throw error;
        }
        return Job.<RuntimeException>sneaky(failure);
    }

    @SuppressWarnings("unchecked") // the promise: the job's exception is rethrown as it is
    private static <E extends Throwable> RuntimeException sneaky(Throwable failure) throws E {
        throw (E) failure;
    }

    @Override
    public int compareTo(Job<?> other) {
        return rank != other.rank ? Integer.compare(rank, other.rank) : Long.compare(number, other.number);
    }
}
