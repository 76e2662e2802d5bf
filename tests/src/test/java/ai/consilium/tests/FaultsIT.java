package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.TestSeed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * One run of separate processes on three brokers that is hurt everywhere: roles and brokers are killed or stand still, the
 * network to a broker is cut or slow, the registry is gone for a while, one fault after the other as soon as the run has got over the
 * one before. Whoever is killed, or
 * ends by itself, is started again, as an orchestrator would. {@code consilium.faults} is their number.
 */
@Tag("chaos")
class FaultsIT {
    private static final int FAULTS = Integer.getInteger("consilium.faults", 100);
    /** Versions of each expert for each fault: so many are made while it lasts and is got over. */
    private static final int STEPS_PER_FAULT = 4;

    private static final int STEPS = FAULTS * STEPS_PER_FAULT;
    private static final int BATCH = 2;
    private static final String RUN_ID = "hurt";
    private static final Duration PATIENCE = Duration.ofMinutes(15);

    /** Name of a process and its role. */
    private static final Map<String, String> PROCESSES = processes();

    private final Random random = new Random(TestSeed.of(FaultsIT.class));
    private final Map<String, List<Double>> recoveries = new TreeMap<>();
    private final Map<String, Integer> endedByThemselves = new TreeMap<>();
    private int faults;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private static Map<String, String> processes() {
        Map<String, String> processes = new LinkedHashMap<>();
        List.of("scheduler", "monitor", "advantage", "reward", "merger", "learner", "rollout")
                .forEach(role -> processes.put(role, role));
        processes.put("reward-too", "reward");
        processes.put("rollout-too", "rollout");
        return processes;
    }

    @Test
    void givenFaultsOfEveryKindInOneRunThenItEndsWithNoGroupLostOrTrainedTwice() throws Exception {
        long start = System.nanoTime();
        // Nothing is learned at this rate: of cases that are all answered rightly no group would be left to train on.
        try (ThreeBrokers cluster = ThreeBrokers.start(directory);
                WatchedRun run = new WatchedRun(
                        cluster.bootstrapServers(), cluster.registryUrl(), directory, RUN_ID, """
                        steps: %d
                        batch_size: %d
                        rl: {learning_rate: 0.000001}
                        rollout: {workers: 1}
                        """.formatted(
                                        STEPS, BATCH));
                Versions versions = new Versions(cluster)) {
            PROCESSES.forEach((name, role) -> run.launch(role, name));
            cluster.untilInSync(RUN_ID);
            untilMore(run, versions, versions.count());

            while (faults < FAULTS) {
                hurt(run, cluster, versions);
            }
            untilOver(run);

            report(Duration.ofNanos(System.nanoTime() - start));
            SmallRun.assertBalanced(run.describe(), SmallRun.trained(STEPS, BATCH));
            SmallRun.assertTrainedOnce(versions.all(), STEPS);
            assertTheLogExplainsEveryWeight(run, versions.all());
        }
    }

    /** Who trains on the log's groups anew, undisturbed, has the same bits in every version. */
    private void assertTheLogExplainsEveryWeight(WatchedRun run, List<PolicyUpdate> versions) throws Exception {
        Path again = directory.resolve("again");
        CommandLineRun trained = run.trainAgain(again);
        assertThat(trained.code()).as(String.join("\n", trained.errors())).isZero();
        assertThat(SmallRun.expertHashes(SmallRun.updates(again))).isEqualTo(SmallRun.expertHashes(versions));
    }

    private void hurt(WatchedRun run, ThreeBrokers cluster, Versions versions) throws Exception {
        long before = versions.count();
        long at = System.nanoTime();
        String fault = switch (random.nextInt(12)) {
            case 0 -> brokerIsKilled(cluster);
            case 1 -> registryIsGone(cluster);
            case 2 -> brokerIsCutOff(cluster);
            case 3 -> brokerIsFarAway(cluster);
            case 4, 5, 6 -> standsStill(run);
            default -> isKilled(run);
        };
        faults++;
        untilMore(run, versions, before + 2);
        double seconds = (System.nanoTime() - at) / 1e9;
        recoveries.computeIfAbsent(fault, any -> new ArrayList<>()).add(seconds);
        System.out.printf(
                "FaultsIT: %d: %s: two more versions after %.1f s, %d in all%n",
                faults, fault, seconds, versions.count());
    }

    private String isKilled(WatchedRun run) throws InterruptedException {
        Map.Entry<String, String> hit = any(PROCESSES.entrySet());
        run.process(hit.getKey()).kill();
        run.process(hit.getKey()).exit();
        run.launch(hit.getValue(), hit.getKey());
        return hit.getValue() + " killed";
    }

    /** For less or for longer than sessions, leases and transactions last. */
    private String standsStill(WatchedRun run) throws InterruptedException {
        Map.Entry<String, String> hit = any(PROCESSES.entrySet());
        RunProcess process = run.process(hit.getKey());
        if (process.alive()) {
            process.pause();
            TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(59_000) / (1 + random.nextInt(4)));
            process.resume();
        }
        return hit.getValue() + " stood still";
    }

    private String brokerIsKilled(ThreeBrokers cluster) throws Exception {
        BrokerProcess broker = any(cluster.brokers());
        broker.kill();
        TimeUnit.MILLISECONDS.sleep(random.nextInt(10_000));
        broker.restart();
        // Two at a time are more than replication bears.
        cluster.untilInSync(RUN_ID);
        return "broker killed";
    }

    /** From clients, not from the other brokers: it goes on to lead its partitions. */
    private String brokerIsCutOff(ThreeBrokers cluster) throws InterruptedException {
        BrokerLink link = any(cluster.brokers()).link();
        link.cut();
        TimeUnit.MILLISECONDS.sleep(1_000 + random.nextInt(44_000));
        link.restore();
        return "broker cut off";
    }

    private String brokerIsFarAway(ThreeBrokers cluster) throws InterruptedException {
        BrokerLink link = any(cluster.brokers()).link();
        link.slowDown(Duration.ofMillis(100 + random.nextInt(900)));
        TimeUnit.MILLISECONDS.sleep(5_000 + random.nextInt(25_000));
        link.restore();
        return "broker far away";
    }

    private String registryIsGone(ThreeBrokers cluster) throws InterruptedException {
        Runnable back = cluster.withoutRegistry();
        // Whoever starts now needs it for its schemas.
        TimeUnit.MILLISECONDS.sleep(random.nextInt(20_000));
        back.run();
        return "registry gone";
    }

    private <T> T any(Collection<T> of) {
        return List.copyOf(of).get(random.nextInt(of.size()));
    }

    /** So many versions, or the end of the run. */
    private void untilMore(WatchedRun run, Versions versions, long count) {
        await().atMost(PATIENCE).pollInterval(ThreeBrokers.LOOK).until(() -> versions.count() > count || over(run));
    }

    private void untilOver(WatchedRun run) {
        await().atMost(PATIENCE.multipliedBy(2)).pollInterval(ThreeBrokers.LOOK).until(() -> over(run));
    }

    /** Everyone has ended well; who has ended otherwise is started again. */
    private boolean over(WatchedRun run) throws InterruptedException {
        boolean over = true;
        for (Map.Entry<String, String> process : PROCESSES.entrySet()) {
            RunProcess last = run.process(process.getKey());
            if (last.alive()) {
                over = false;
            } else if (last.exit() != 0) {
                over = false;
                System.out.printf("FaultsIT: %s ended by itself: %s%n", process.getKey(), last.lastError());
                endedByThemselves.merge(process.getValue(), 1, Integer::sum);
                run.launch(process.getValue(), process.getKey());
            }
        }
        return over;
    }

    private void report(Duration took) {
        System.out.printf("FaultsIT: %d faults in %d s%n", faults, took.toSeconds());
        recoveries.forEach((fault, seconds) -> {
            List<Double> sorted = seconds.stream().sorted().toList();
            System.out.printf(
                    "FaultsIT: | %s | %d | %.1f | %.1f |%n",
                    fault, sorted.size(), sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1));
        });
        System.out.println("FaultsIT: ended by themselves and were started again: " + endedByThemselves);
        assertThat(faults).isGreaterThanOrEqualTo(FAULTS);
    }

    /** Every version on the run's log, as it grows. */
    private static final class Versions implements AutoCloseable {
        private final ThreeBrokers cluster;
        private final List<PolicyUpdate> all = new ArrayList<>();
        private @Nullable LogReader<PolicyUpdate> log;

        Versions(ThreeBrokers cluster) {
            this.cluster = cluster;
        }

        long count() {
            return all().size();
        }

        List<PolicyUpdate> all() {
            if (log == null) {
                KafkaClients kafka = new KafkaClients(new KafkaSettings(
                        cluster.bootstrapServers(), cluster.registryUrl(), RUN_ID, 4, ThreeBrokers.NODES, Map.of()));
                log = new LogReader<>(
                        kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, UnusableRecords.LOGGED, null, Map.of());
            }
            log.poll(Duration.ofMillis(200)).forEach(record -> all.add(record.value()));
            return all;
        }

        @Override
        public void close() {
            if (log != null) {
                log.close();
            }
        }
    }
}
