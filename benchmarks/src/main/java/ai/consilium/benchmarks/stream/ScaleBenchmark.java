package ai.consilium.benchmarks.stream;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.cases.prompt.PromptLayout;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plan.ScoringDefinition;
import ai.consilium.rollout.worker.RolloutConfig;
import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;

/**
 * What a trajectory costs a role whose work several instances share: each adds as much work as it takes, so that the cost of one
 * that is worth its place stays what it was. Instances share this process with the broker and with whoever feeds and reads; they
 * are told apart by their threads, so that garbage collection and compilation count for nobody.
 */
public final class ScaleBenchmark {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /**
     * One measurement.
     *
     * @param role whose instances are measured
     * @param instances that share the work
     * @param rate trajectories a second that they were given and finished
     * @param processorMs processor time of the instances' threads a trajectory
     * @param processMs the same of the whole process: broker, feeder and reader, collections and compilation too
     */
    public record Point(String role, int instances, double rate, double processorMs, double processMs) {}

    private final RunContext run;
    private final RoleInput input;
    private final ScaledRole role;
    private final String name;
    private int sent;

    private ScaleBenchmark(RunContext run, String name, RoleInput input, ScaledRole role) {
        this.run = run;
        this.input = input;
        this.name = name;
        this.role = role;
    }

    /**
     * Of advantage streams.
     *
     * @param scratch directory for their states
     */
    public static ScaleBenchmark advantage(RunContext run, AdvantageConfig config, Path scratch) {
        RoleInput input = new RoleInput(run.kafka());
        return new ScaleBenchmark(run, "advantage", input, new ScaledAdvantage(run, input, config, scratch));
    }

    /**
     * Of reward services.
     *
     * @param data directory of simulated cases
     * @param scoring what their traces are scored by
     */
    public static ScaleBenchmark reward(
            RunContext run, RewardConfig config, Path data, PromptLayout layout, ScoringDefinition scoring) {
        RoleInput input = new RoleInput(run.kafka());
        return new ScaleBenchmark(
                run, "reward", input, new ScaledReward(run, input, config, SimulatedCases.of(data, layout), scoring));
    }

    /**
     * Of rollout workers.
     *
     * @param data directory of simulated cases
     * @param adapter that they hold
     * @param sampling how long a group is sampled elsewhere
     */
    public static ScaleBenchmark rollout(
            RunContext run, RolloutConfig config, Path data, PromptLayout layout, Adapter adapter, Duration sampling)
            throws Exception {
        RoleInput input = new RoleInput(run.kafka());
        return new ScaleBenchmark(
                run,
                "rollout",
                input,
                new ScaledRollout(run, input, config, SimulatedCases.of(data, layout), adapter, sampling));
    }

    /**
     * Measures one number of instances, in a run that nothing else is done in.
     *
     * @param rate trajectories a second that each instance is given
     * @throws UsageException when they do not keep up
     */
    public Point measure(int instances, double rate, Duration warmUp, Duration measured) throws Exception {
        List<InstanceThreads> started = new ArrayList<>();
        try (input;
                RecordCount out = new RecordCount(run.kafka(), role.output())) {
            for (int number = 1; number <= instances; number++) {
                started.add(InstanceThreads.start(role, instance(number)));
            }
            onEveryPartition();
            drain(started, out);

            double all = rate * instances;
            feedFor(warmUp, all, started);
            long seen = out.seen();
            long begun = System.nanoTime();
            long processor = processorNs(started);
            long process = processNs();
            feedFor(measured, all, started);
            double trajectories = (double) (out.seen() - seen) / role.recordsPerGroup() * SyntheticGroups.SIZE;
            Point point = new Point(
                    name,
                    instances,
                    trajectories / ((System.nanoTime() - begun) / 1e9),
                    (processorNs(started) - processor) / 1e6 / trajectories,
                    (processNs() - process) / 1e6 / trajectories);
            drain(started, out);
            if (point.rate() < 0.9 * all) {
                throw new UsageException(
                        "%d instances finished %.0f of %.0f trajectories a second: --rate is too high for this machine"
                                .formatted(instances, point.rate(), all));
            }
            return point;
        } finally {
            started.forEach(InstanceThreads::close);
        }
    }

    private RunContext instance(int number) {
        return new RunContext(run.runId(), name + "-" + number, run.settings(), run.kafka(), run.metrics());
    }

    /** A group on every partition: what comes out says that the instances have started. */
    private void onEveryPartition() {
        for (int partition = 0; partition < run.kafka().settings().partitions(); partition++) {
            role.send(sent++);
        }
    }

    private void feedFor(Duration duration, double rate, List<InstanceThreads> started) {
        long gap = (long) (1e9 * SyntheticGroups.SIZE / rate);
        long begun = System.nanoTime();
        for (long due = begun; due - begun < duration.toNanos(); due += gap) {
            for (long wait = due - System.nanoTime(); wait > 0; wait = due - System.nanoTime()) {
                LockSupport.parkNanos(wait);
            }
            role.send(sent++);
            requireSound(started);
        }
    }

    private void drain(List<InstanceThreads> started, RecordCount out) {
        long begun = System.nanoTime();
        while (out.seen() < (long) sent * role.recordsPerGroup()) {
            requireSound(started);
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw new IllegalStateException("%d of %d groups came out within %s; the instances wait for: %s"
                        .formatted(
                                out.seen() / role.recordsPerGroup(),
                                sent,
                                PATIENCE,
                                started.stream()
                                        .map(InstanceThreads::waitingFor)
                                        .collect(Collectors.joining("; "))));
            }
            LockSupport.parkNanos(10_000_000);
        }
    }

    private void requireSound(List<InstanceThreads> started) {
        input.requireTaken();
        started.forEach(InstanceThreads::requireSound);
    }

    private static long processorNs(List<InstanceThreads> instances) {
        return instances.stream().mapToLong(InstanceThreads::processorNs).sum();
    }

    private static long processNs() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}
