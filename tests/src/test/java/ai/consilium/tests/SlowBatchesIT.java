package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run whose worker takes a minute and more for a batch: it is stopped for most of every second. Nothing is wrong with it. */
@Tag("kill")
@Tag("slow")
class SlowBatchesIT {
    private static final String SPECIALTY = "pediatrics";
    private static final String RUN = "slow";
    /** Where a minute is wanted. */
    private static final double BATCH_MS = 80_000;

    private static final long MINUTE_MS = 60_000;
    private static final long ROUND_MS = 1_000;
    private static final Duration PATIENCE = Duration.ofMinutes(20);

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenBatchesThatTakeAMinuteThenThereIsNoAlarm() throws Exception {
        KafkaClients kafka = cluster.clients(RUN);
        ScheduledExecutorService brake = Executors.newSingleThreadScheduledExecutor();
        try (WatchedRun run = new WatchedRun(cluster, directory, RUN, """
                specialties: [pediatrics]
                steps: 1000
                batch_size: 8
                max_off_policy_steps: 0
                """)) {
            List.of("scheduler", "monitor", "advantage", "reward", "merger", "learner", "rollout")
                    .forEach(run::start);
            untilVersion(kafka, 4);
            run.untilQuiet();

            double batchMs = betweenMs(kafka, 3, 4);
            long runsMs = Math.max(5, Math.round(ROUND_MS * Math.min(1, batchMs / BATCH_MS)));
            long first = newest(kafka) + 1;
            long sinceMs = System.currentTimeMillis();
            RunProcess worker = run.process("rollout");
            brake.scheduleAtFixedRate(
                    () -> {
                        worker.pause();
                        sleep(ROUND_MS - runsMs);
                        worker.resume();
                    },
                    0,
                    ROUND_MS,
                    TimeUnit.MILLISECONDS);
            untilVersion(kafka, first + 2);
            brake.shutdown();
            assertThat(brake.awaitTermination(10, TimeUnit.SECONDS)).isTrue();

            long tookMs = Math.min(betweenMs(kafka, first, first + 1), betweenMs(kafka, first + 1, first + 2));
            System.out.printf(
                    "SlowBatchesIT: a batch took %.1f s, and %.1f s of a worker that runs %d ms of a second%n",
                    batchMs / 1e3, tookMs / 1e3, runsMs);
            assertThat(tookMs).isGreaterThanOrEqualTo(MINUTE_MS);
            assertThat(RunOnDisk.read(kafka, Topics.RUN_EVENTS, RunEvent.class).stream()
                            .filter(event -> event.getKind() == EventKind.STALLED && event.getCreatedMs() > sinceMs)
                            .map(RunEvent::getMessage))
                    .isEmpty();
            assertThat(run.causes()).isEmpty();
        } finally {
            brake.shutdownNow();
        }
    }

    private static void sleep(long ms) {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException stopping) {
            Thread.currentThread().interrupt();
        }
    }

    private static void untilVersion(KafkaClients kafka, long version) {
        await().atMost(PATIENCE).pollInterval(Duration.ofSeconds(1)).until(() -> newest(kafka) >= version);
    }

    private static long newest(KafkaClients kafka) {
        return updates(kafka).stream().mapToLong(PolicyUpdate::getVersion).max().orElse(-1);
    }

    private static long betweenMs(KafkaClients kafka, long version, long next) {
        return createdMs(kafka, next) - createdMs(kafka, version);
    }

    private static long createdMs(KafkaClients kafka, long version) {
        return updates(kafka).stream()
                .filter(update -> update.getVersion() == version)
                .findFirst()
                .orElseThrow()
                .getCreatedMs();
    }

    private static List<PolicyUpdate> updates(KafkaClients kafka) {
        return RunOnDisk.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class).stream()
                .filter(update -> update.getSpecialty().equals(SPECIALTY))
                .toList();
    }
}
