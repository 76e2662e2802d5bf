package ai.consilium.policy.compute;

import ai.consilium.policy.torch.TorchRuntime;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

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

    private static final String CLOSED = "the compute threads are closed";
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
        return call(urgency, job, () -> {});
    }

    /** Runs a job and waits for it. @param waiting runs on this thread every second until the job has ended */
    public <T> T call(Urgency urgency, Callable<T> job, Runnable waiting) throws InterruptedException {
        return callAll(urgency, List.of(job), waiting).get(0);
    }

    /** Runs jobs, side by side where threads are free, and waits for all of them. @return results in order */
    public <T> List<T> callAll(Urgency urgency, List<Callable<T>> jobs) throws InterruptedException {
        return callAll(urgency, jobs, () -> {});
    }

    private <T> List<T> callAll(Urgency urgency, List<Callable<T>> jobs, Runnable waiting) throws InterruptedException {
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
                while (!job.finished.await(WHILE.toMillis(), TimeUnit.MILLISECONDS)) {
                    waiting.run();
                }
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
                job.finished.await();
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
            job.interrupt();
            boolean stopped = false;
            while (!stopped) {
                try {
                    job.finished.await();
                    stopped = true;
                } catch (InterruptedException again) {
                    job.interrupt();
                }
            }
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

    /** A job in the queue: by rank, the least first, then in order of submission. */
    private static final class Job<T> implements Comparable<Job<?>> {
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

        synchronized void interrupt() {
            if (runner != null) {
                runner.interrupt();
            }
        }

        void abandon() {
            failure = new IllegalStateException(CLOSED);
            finished.countDown();
            ended.run();
        }

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
}
