package ai.consilium.policy.compute;

import ai.consilium.policy.torch.TorchRuntime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The threads that run tensors: nothing else does. Work is queued by urgency; each thread has its own operator threads
 * (one), grad mode and memory scopes. Counts how long its threads waited for work, so that a run can show that the
 * stream does not hold the tensors up.
 */
public final class Compute implements AutoCloseable {
    /** Kinds of work, the most urgent first. */
    public enum Urgency {
        TRAIN,
        SAMPLE,
        EVALUATE
    }

    /** Busy and waiting time since the first job after {@link #resetUsage()}, summed over the threads. */
    public record Usage(Duration wall, Duration busy, Duration waiting, int threads) {}

    static final String CLOSED = "the compute threads are closed";
    private static final Duration WHILE = Duration.ofSeconds(1);
    private static final ThreadMXBean CLOCKS = ManagementFactory.getThreadMXBean();

    private final PriorityBlockingQueue<Job<?>> queue = new PriorityBlockingQueue<>();
    private final AtomicLong submitted = new AtomicLong();
    private final List<Thread> threads = new ArrayList<>();
    private final UsageMeter meter = new UsageMeter();
    private final Urgency first;
    private volatile boolean closed;

    /** Starts the threads, at least one; training goes first. */
    public Compute(int threads) {
        this(threads, Urgency.TRAIN);
    }

    /**
     * Starts the threads, at least one.
     *
     * @param first what goes before all else; the rest in the order of {@link Urgency}
     */
    public Compute(int threads, Urgency first) {
        this.first = first;
        if (threads < 1) {
            throw new IllegalArgumentException("compute threads must be at least 1");
        }
        TorchRuntime.start();
        for (int i = 1; i <= threads; i++) {
            Thread thread = new Thread(this::work, "compute-" + i);
            thread.setDaemon(true);
            this.threads.add(thread);
        }
        this.threads.forEach(Thread::start);
    }

    private void work() {
        TorchRuntime.prepareThread();
        while (!closed) {
            try {
                Job<?> job = queue.take();
                meter.begin();
                try {
                    job.run();
                } finally {
                    meter.end();
                }
            } catch (InterruptedException ending) {
                // Only close() interrupts a thread that waits for work: the loop's condition ends it.
            }
        }
    }

    /**
     * Runs a job on a compute thread and waits for it; the job's exception is rethrown as it is. When the caller is
     * interrupted, the job is withdrawn, or interrupted and waited for: when this throws, nothing of it runs any more.
     */
    public <T> T call(Urgency urgency, Callable<T> job) throws InterruptedException {
        return callAll(urgency, List.of(job)).get(0);
    }

    /** Runs jobs, side by side where threads are free, and waits for all of them. @return results in order */
    public <T> List<T> callAll(Urgency urgency, List<Callable<T>> jobs) throws InterruptedException {
        List<Job<T>> queued = new ArrayList<>();
        for (Callable<T> job : jobs) {
            queued.add(new Job<>(rank(urgency), submitted.incrementAndGet(), job, () -> {}));
        }
        if (threads.contains(Thread.currentThread())) {
            List<T> results = new ArrayList<>();
            for (Callable<T> job : jobs) {
                results.add(inline(job));
            }
            return results;
        }
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
        queue.addAll(queued);
        try {
            for (Job<T> job : queued) {
                job.await();
            }
        } catch (InterruptedException e) {
            for (Job<T> job : queued) {
                withdraw(job);
            }
            throw e;
        }
        List<T> results = new ArrayList<>();
        for (Job<T> job : queued) {
            results.add(job.result());
        }
        return results;
    }

    /** One of the pieces that threads share. */
    public interface Piece {
        /** Does it, on a compute thread. @param number which one, from 0 */
        void run(int number) throws InterruptedException;
    }

    /**
     * Does numbered pieces of work on several threads, each of which takes the next one when it is free, and waits for all of them. The
     * first failure ends the others; when this throws, nothing of it runs any more. From a compute thread: there, one after the other.
     *
     * @param atOnce threads at most
     * @param waiting runs on this thread every second until all have ended
     */
    public void share(Urgency urgency, int pieces, int atOnce, Piece piece, Runnable waiting)
            throws InterruptedException {
        if (threads.contains(Thread.currentThread())) {
            for (int number = 0; number < pieces; number++) {
                piece.run(number);
            }
        } else {
            new SharedWork(this, pieces, piece).run(urgency, atOnce, waiting, WHILE.toMillis());
        }
    }

    /** A job that was handed over without waiting for it. */
    public interface Pending<T> {
        /** Its result, once it has ended; the job's exception is rethrown as it is. */
        T result() throws InterruptedException;

        /** Takes it back, or interrupts it and waits: when this returns, nothing of it runs any more. */
        void withdraw();
    }

    /**
     * Hands a job over. Not from a compute thread.
     *
     * @param ended runs on some thread when the job has ended, however it did; it must not block
     */
    public <T> Pending<T> submit(Urgency urgency, Callable<T> work, Runnable ended) {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
        Job<T> job = new Job<>(rank(urgency), submitted.incrementAndGet(), work, ended);
        queue.add(job);
        return new Pending<>() {
            @Override
            public T result() throws InterruptedException {
                job.await();
                return job.result();
            }

            @Override
            public void withdraw() {
                Compute.this.withdraw(job);
            }
        };
    }

    private int rank(Urgency urgency) {
        return urgency == first ? 0 : 1 + urgency.ordinal();
    }

    private void withdraw(Job<?> job) {
        if (!queue.remove(job)) {
            job.stop();
        }
    }

    private static <T> T inline(Callable<T> job) throws InterruptedException {
        try {
            return job.call();
        } catch (Exception e) {
            throw Job.unchanged(e);
        }
    }

    /** Number of threads. */
    public int threads() {
        return threads.size();
    }

    /** Parts of a step, or batches of an evaluation, that gain by being done at once: one a thread on a processor; a GPU is filled by one. */
    public int partsAtOnce() {
        return TorchRuntime.onGpu() ? 1 : threads.size();
    }

    /** Processor time that the threads have taken so far. It grows within a job, unlike {@link #usage()}'s. */
    public Duration effort() {
        return Duration.ofNanos(threads.stream()
                .mapToLong(thread -> Math.max(0, CLOCKS.getThreadCpuTime(thread.getId())))
                .sum());
    }

    /** Usage so far. */
    public Usage usage() {
        return meter.usage(threads.size());
    }

    /** Starts counting anew at the next job. */
    public void resetUsage() {
        meter.reset();
    }

    /** Ends the threads once their present jobs are interrupted; jobs that still wait never run. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        List<Job<?>> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(Job::abandon);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
