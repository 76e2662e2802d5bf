package ai.consilium.benchmarks.stream;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.advantage.AdvantageService;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Measures the stream as it runs in production, producer and reader in the same process: how many scored trajectories a second
 * it sustains while it is never short of input, and how long a group takes from its last score to its training group at a
 * modest rate. Groups are those of {@link SyntheticGroups}.
 */
public final class StreamBenchmark {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    /** Groups on their way while the stream is never short of input: a few commits' worth. */
    private static final int IN_FLIGHT = 400;
    /** A prompt lies on the log long before its trajectories do: sampling takes seconds. */
    private static final int PROMPTS_AHEAD = IN_FLIGHT;

    /** What a batch of this size costs the broker is shared by some twenty trajectories, not by two. */
    private static final Map<String, Object> LARGE_BATCHES = Map.of("batch.size", 128 << 10);

    /**
     * One measurement.
     *
     * @param name {@code sustained} or {@code paced}
     * @param rate scored trajectories a second that came out as training groups
     * @param p50Ms median milliseconds from a group's last score to its training group
     * @param p99Ms 99th percentile of the same
     */
    public record Figure(String name, double rate, double p50Ms, double p99Ms) {}

    /**
     * How far it is.
     *
     * @param phase in words
     * @param seconds since the phase began
     * @param groups that came out in this phase
     * @param open groups whose last score was sent and that have not come out
     * @param processors that this process kept busy on average since the phase began, broker and bench included: under
     *     others' load it is what the rate was reached with
     */
    public record Progress(String phase, double seconds, long groups, int open, double processors) {}

    private final RunContext context;
    private final AdvantageConfig config;
    private final Path stateDir;
    private final Consumer<Progress> progress;
    private final SyntheticGroups groups;
    private int nextGroup;
    private int prompted;

    /**
     * Over a run that has its topics and nothing else.
     *
     * @param stateDir of the stream; empty
     * @param progress hears every few seconds how far it is
     */
    public StreamBenchmark(RunContext context, AdvantageConfig config, Path stateDir, Consumer<Progress> progress) {
        this.context = context;
        this.config = config;
        this.stateDir = stateDir;
        this.progress = progress;
        this.groups = new SyntheticGroups(context.specialties().get(0), 1);
    }

    /**
     * Runs both measurements, each after a warm-up.
     *
     * @param measured how long each is measured
     * @param pace scored trajectories a second of the second
     * @throws IllegalStateException when groups do not come out; names some, and what the stream waits for
     */
    public List<Figure> run(Duration measured, double pace) {
        KafkaClients kafka = context.kafka();
        try (RoleInput input = new RoleInput(kafka, LARGE_BATCHES);
                AdvantageService service = new AdvantageService(context, config, stateDir);
                GroupWatch watch = new GroupWatch(kafka)) {
            ScoringConfig scoring = SyntheticGroups.config();
            input.announce(Topics.SCORING_CONFIGS, scoring.getHash(), scoring);
            service.start();
            Function<String, BenchmarkPhase> begin =
                    name -> new BenchmarkPhase(name, service.threads().get(0), watch, input, progress);
            firstOut(input, begin.apply("start"));
            flatOut(input, begin.apply("warm-up, flat out"), WARM_UP);
            Figure sustained =
                    flatOut(input, begin.apply("sustained"), measured).figure();
            paced(input, begin.apply("warm-up, paced"), WARM_UP, pace);
            return List.of(
                    sustained,
                    paced(input, begin.apply("paced"), measured, pace).figure());
        }
    }

    /** A group on every partition: what comes out says that the stream has started. */
    private void firstOut(RoleInput input, BenchmarkPhase phase) {
        for (int partition = 0; partition < context.kafka().settings().partitions(); partition++) {
            sendGroup(input, phase, 0, 0);
        }
        phase.drain();
    }

    /** As fast as the stream takes it. */
    private BenchmarkPhase flatOut(RoleInput input, BenchmarkPhase phase, Duration duration) {
        while (phase.elapsedNs() < duration.toNanos()) {
            if (phase.open() < IN_FLIGHT) {
                sendGroup(input, phase, 0, 0);
            } else {
                LockSupport.parkNanos(100_000);
            }
        }
        phase.end();
        phase.drain();
        return phase;
    }

    /** A scored trajectory every {@code 1/pace} seconds. */
    private BenchmarkPhase paced(RoleInput input, BenchmarkPhase phase, Duration duration, double pace) {
        long gapNs = (long) (1e9 / pace);
        long start = System.nanoTime();
        for (long due = start; due - start < duration.toNanos(); due += gapNs * SyntheticGroups.SIZE) {
            sendGroup(input, phase, due, gapNs);
        }
        phase.drain();
        phase.end();
        return phase;
    }

    private void sendGroup(RoleInput input, BenchmarkPhase phase, long dueNs, long gapNs) {
        for (; prompted <= nextGroup + PROMPTS_AHEAD; prompted++) {
            input.send(Topics.PROMPTS, prompted, groups.prompt(RoleInput.group(prompted)));
        }
        int number = nextGroup++;
        String group = RoleInput.group(number);
        for (int sample = 0; sample < SyntheticGroups.SIZE; sample++) {
            for (long wait = 1; gapNs > 0 && wait > 0; ) {
                wait = dueNs + sample * gapNs - System.nanoTime();
                LockSupport.parkNanos(wait);
            }
            input.send(Topics.TRAJECTORIES, number, groups.trajectory(group, sample));
            if (sample == SyntheticGroups.SIZE - 1) {
                phase.expect(group);
            }
            input.send(Topics.SCORES, number, groups.scores(group, sample));
        }
    }
}
