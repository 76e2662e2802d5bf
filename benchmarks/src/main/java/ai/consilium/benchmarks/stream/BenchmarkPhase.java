package ai.consilium.benchmarks.stream;

import ai.consilium.platform.service.ServiceThread;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/** A part of {@link StreamBenchmark}: counts what comes out, tells how far it is, and ends the measurement when nothing comes out. */
final class BenchmarkPhase {
    private static final Duration TOLD_EVERY = Duration.ofSeconds(5);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final String name;
    private final ServiceThread stream;
    private final GroupWatch watch;
    private final RoleInput input;
    private final Consumer<StreamBenchmark.Progress> progress;
    private final long startNs = System.nanoTime();
    private final long startCpuNs = cpuNs();
    private final long seenBefore;

    private long toldNs = startNs;
    private long movedNs = startNs;
    private long seen;
    private long measuredNs;
    private List<Double> latenciesMs = List.of();

    /**
     * Begins; nothing is on its way.
     *
     * @param stream what is measured
     * @param input what it is fed by
     */
    BenchmarkPhase(
            String name,
            ServiceThread stream,
            GroupWatch watch,
            RoleInput input,
            Consumer<StreamBenchmark.Progress> progress) {
        this.name = name;
        this.stream = stream;
        this.watch = watch;
        this.input = input;
        this.progress = progress;
        this.seenBefore = watch.seen();
        watch.take();
    }

    long elapsedNs() {
        return System.nanoTime() - startNs;
    }

    /** The last score of a group is about to be sent. */
    void expect(String group) {
        watch.expect(group);
        look();
    }

    /**
     * Groups that have not come out.
     *
     * @throws IllegalStateException when a part of the measurement failed or nothing comes out
     */
    int open() {
        look();
        return watch.open();
    }

    /** Waits for every group that was sent. */
    void drain() {
        while (open() > 0) {
            LockSupport.parkNanos(100_000);
        }
    }

    /** Takes what came out so far as the measurement. */
    void end() {
        latenciesMs = watch.take();
        measuredNs = elapsedNs();
        tell();
    }

    /** What was measured. */
    StreamBenchmark.Figure figure() {
        if (latenciesMs.isEmpty()) {
            throw new IllegalStateException("no group completed while " + name + " was measured");
        }
        List<Double> sorted = latenciesMs.stream().sorted().toList();
        double rate = sorted.size() * SyntheticGroups.SIZE / (measuredNs / 1e9);
        return new StreamBenchmark.Figure(name, rate, quantile(sorted, 0.5), quantile(sorted, 0.99));
    }

    private static double quantile(List<Double> sorted, double q) {
        return sorted.get((int) Math.ceil(q * sorted.size()) - 1);
    }

    private void look() {
        stream.failure().ifPresent(cause -> {
            throw new IllegalStateException("the stream stopped while it was measured", cause);
        });
        input.requireTaken();
        long now = System.nanoTime();
        int open = watch.open();
        if (watch.seen() > seen || open == 0) {
            seen = watch.seen();
            movedNs = now;
        }
        if (now - movedNs > PATIENCE.toNanos()) {
            throw new IllegalStateException(open + " groups did not complete within " + PATIENCE.toSeconds() + " s ("
                    + name + "): " + watch.oldest() + ", ...; the stream waits for: " + stream.waitingFor());
        }
        if (now - toldNs > TOLD_EVERY.toNanos()) {
            toldNs = now;
            tell();
        }
    }

    private void tell() {
        long elapsedNs = elapsedNs();
        double processors = (cpuNs() - startCpuNs) / (double) elapsedNs;
        progress.accept(new StreamBenchmark.Progress(
                name, elapsedNs / 1e9, watch.seen() - seenBefore, watch.open(), processors));
    }

    private static long cpuNs() {
        return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
