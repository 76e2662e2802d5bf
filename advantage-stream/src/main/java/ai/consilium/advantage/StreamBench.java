package ai.consilium.advantage;

import ai.consilium.platform.RunContext;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Measures the stream as it runs in production, producer and reader in the same process: how many scored trajectories a second
 * it sustains while it is never short of input, and how long a group takes from its last score to its training group at a
 * modest rate. Groups are those of {@link SyntheticGroups}.
 */
public final class StreamBench {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    /** Groups on their way while the stream is never short of input: a few commits' worth. */
    private static final int IN_FLIGHT = 400;

    private static final Duration PATIENCE = Duration.ofMinutes(5);

    /**
     * One measurement.
     *
     * @param name {@code sustained} or {@code paced}
     * @param rate scored trajectories a second that came out as training groups
     * @param p50Ms median milliseconds from a group's last score to its training group
     * @param p99Ms 99th percentile of the same
     */
    public record Figure(String name, double rate, double p50Ms, double p99Ms) {}

    /** What a measurement works with. */
    private record Rig(Producer<String, SpecificRecord> producer, AdvantageService service, GroupWatch watch) {

        /** Groups that have not come out. */
        int open() {
            service.threads().get(0).failure().ifPresent(cause -> {
                throw new IllegalStateException("the stream stopped while it was measured", cause);
            });
            return watch.open();
        }
    }

    private final RunContext context;
    private final AdvantageConfig config;
    private final Path stateDir;
    private final SyntheticGroups groups;
    private int nextGroup;

    /**
     * Over a run that has its topics and nothing else.
     *
     * @param stateDir of the stream; empty
     */
    public StreamBench(RunContext context, AdvantageConfig config, Path stateDir) {
        this.context = context;
        this.config = config;
        this.stateDir = stateDir;
        this.groups = new SyntheticGroups(context.specialties().get(0), 1);
    }

    /**
     * Runs both measurements, each after a warm-up.
     *
     * @param measured how long each is measured
     * @param pace scored trajectories a second of the second
     * @throws IllegalStateException when a group does not come out
     */
    public List<Figure> run(Duration measured, double pace) {
        KafkaClients kafka = context.kafka();
        try (Producer<String, SpecificRecord> producer = kafka.producer("bench");
                AdvantageService service = new AdvantageService(context, config, stateDir);
                GroupWatch watch = new GroupWatch(kafka)) {
            ScoringConfig scoring = SyntheticGroups.config();
            send(producer, Topics.SCORING_CONFIGS, 0, scoring.getHash(), scoring);
            producer.flush();
            service.start();
            Rig rig = new Rig(producer, service, watch);
            flatOut(rig, WARM_UP);
            Figure sustained = flatOut(rig, measured);
            paced(rig, WARM_UP, pace);
            return List.of(sustained, paced(rig, measured, pace));
        }
    }

    /** As fast as the stream takes it. */
    private Figure flatOut(Rig rig, Duration duration) {
        rig.watch().take();
        long start = System.nanoTime();
        while (System.nanoTime() - start < duration.toNanos()) {
            if (rig.open() < IN_FLIGHT) {
                sendGroup(rig, 0, 0);
            } else {
                LockSupport.parkNanos(100_000);
            }
        }
        Figure figure = figure("sustained", rig.watch().take(), System.nanoTime() - start);
        drain(rig);
        return figure;
    }

    /** A scored trajectory every {@code 1/pace} seconds. */
    private Figure paced(Rig rig, Duration duration, double pace) {
        rig.watch().take();
        long gapNs = (long) (1e9 / pace);
        long start = System.nanoTime();
        for (long due = start; due - start < duration.toNanos(); due += gapNs * SyntheticGroups.SIZE) {
            sendGroup(rig, due, gapNs);
        }
        drain(rig);
        return figure("paced", rig.watch().take(), System.nanoTime() - start);
    }

    /** Waits for every group that was sent. */
    private static void drain(Rig rig) {
        long start = System.nanoTime();
        while (rig.open() > 0) {
            if (System.nanoTime() - start > PATIENCE.toNanos()) {
                throw new IllegalStateException(rig.open() + " groups did not come out");
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private void sendGroup(Rig rig, long dueNs, long gapNs) {
        String group = "group-" + nextGroup;
        int partition = nextGroup++ % context.kafka().settings().partitions();
        send(rig.producer(), Topics.PROMPTS, partition, group, groups.prompt(group));
        for (int sample = 0; sample < SyntheticGroups.SIZE; sample++) {
            for (long wait = 1; gapNs > 0 && wait > 0; ) {
                wait = dueNs + sample * gapNs - System.nanoTime();
                LockSupport.parkNanos(wait);
            }
            send(rig.producer(), Topics.TRAJECTORIES, partition, group, groups.trajectory(group, sample));
            if (sample == SyntheticGroups.SIZE - 1) {
                rig.watch().expect(group);
            }
            send(rig.producer(), Topics.SCORES, partition, group, groups.scores(group, sample));
        }
    }

    private void send(
            Producer<String, SpecificRecord> producer, Topics topic, int partition, String key, SpecificRecord value) {
        // A send that fails leaves a group that does not come out, which drain reports.
        var unused = producer.send(new ProducerRecord<>(context.kafka().topic(topic), partition, key, value));
    }

    private static Figure figure(String name, List<Double> latenciesMs, long nanos) {
        if (latenciesMs.isEmpty()) {
            throw new IllegalStateException("no group came out while " + name + " was measured");
        }
        List<Double> sorted = latenciesMs.stream().sorted().toList();
        double rate = sorted.size() * SyntheticGroups.SIZE / (nanos / 1e9);
        return new Figure(name, rate, quantile(sorted, 0.5), quantile(sorted, 0.99));
    }

    private static double quantile(List<Double> sorted, double q) {
        return sorted.get((int) Math.ceil(q * sorted.size()) - 1);
    }
}
