package ai.consilium.benchmarks.stream;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** An instance of a role whose threads, those of its Kafka clients included, are told apart from all others of the process. */
final class InstanceThreads implements AutoCloseable {
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final ThreadGroup group;
    private final Service service;

    private InstanceThreads(ThreadGroup group, Service service) {
        this.group = group;
        this.service = service;
    }

    /** Makes and starts an instance: threads belong to the group of the thread that makes them. */
    static InstanceThreads start(ScaledRole role, RunContext context) throws InterruptedException, ExecutionException {
        ThreadGroup group = new ThreadGroup(context.instance());
        CompletableFuture<Service> started = new CompletableFuture<>();
        new Thread(group, () -> started.completeAsync(() -> startedOf(role, context), Runnable::run), "start").start();
        return new InstanceThreads(group, started.get());
    }

    private static Service startedOf(ScaledRole role, RunContext context) {
        Service service = role.instance(context);
        service.start();
        return service;
    }

    /** @throws IllegalStateException when it has failed */
    void requireSound() {
        service.threads()
                .forEach(thread -> thread.failure().ifPresent(cause -> {
                    throw new IllegalStateException("an instance stopped while it was measured", cause);
                }));
    }

    /** What it waits for, for people. */
    String waitingFor() {
        return service.threads().get(0).waitingFor();
    }

    /** Processor time of its threads that live. */
    long processorNs() {
        Thread[] threads = new Thread[2 * group.activeCount() + 16];
        int count = group.enumerate(threads);
        long sum = 0;
        for (int i = 0; i < count; i++) {
            sum += Math.max(0, THREADS.getThreadCpuTime(threads[i].getId()));
        }
        return sum;
    }

    @Override
    public void close() {
        service.close();
    }
}
