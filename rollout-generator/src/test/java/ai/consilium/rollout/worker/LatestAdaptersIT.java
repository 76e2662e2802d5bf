package ai.consilium.rollout.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.rollout.RolloutLog;
import ai.consilium.rollout.engine.AdapterVersion;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** A worker's adapters from a real log. */
class LatestAdaptersIT {
    private static final String SPECIALTY = "pediatrics";
    private static final Duration SOON = Duration.ofSeconds(30);

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenALongRunWhenAWorkerStartsThenItFetchesOnlyTheNewestVersionAndThenEachThatFollows() {
        // One record at a time, as hundreds of versions are more than one poll has.
        RunContext run = run(Map.of("max.poll.records", "1"));
        List<Long> fetched = new CopyOnWriteArrayList<>();
        LatestAdapters adapters = new LatestAdapters(run, version -> fetched.add(version.version()));
        try (RolloutLog log = new RolloutLog(run);
                ServiceThread thread = new ServiceThread("adapters", adapters)) {
            for (long version = 0; version <= 5; version++) {
                publish(log, version);
            }
            thread.start();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(newest(adapters)).isEqualTo(5));
            publish(log, 6);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(newest(adapters)).isEqualTo(6));

            assertThat(fetched).containsExactly(5L, 6L);
        }
    }

    /** The broker answers a client in order, and a fetch at the end of a topic only when something comes or its time is up. */
    @Test
    void givenAWorkerThatFollowsWhenAVersionComesThenItIsThereBeforeAFetchThatFindsNothingHasEnded() {
        Duration fetch = Duration.ofSeconds(8);
        RunContext run = run(Map.of("fetch.max.wait.ms", String.valueOf(fetch.toMillis())));
        LatestAdapters adapters = new LatestAdapters(run, version -> {});
        try (RolloutLog log = new RolloutLog(run);
                ServiceThread thread = new ServiceThread("adapters", adapters)) {
            publish(log, 0);
            thread.start();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(newest(adapters)).isZero());
            for (long next = 1; next <= 3; next++) {
                long version = next;
                publish(log, version);
                await().atMost(fetch.minusSeconds(1))
                        .untilAsserted(() -> assertThat(newest(adapters)).isEqualTo(version));
            }
        }
    }

    private static RunContext run(Map<String, String> properties) {
        KafkaSettings settings = cluster.clients().settings();
        return cluster.run(
                new KafkaClients(new KafkaSettings(
                        settings.bootstrapServers(),
                        settings.schemaRegistryUrl(),
                        settings.prefix(),
                        settings.partitions(),
                        settings.replicationFactor(),
                        properties)),
                SPECIALTY);
    }

    private static long newest(LatestAdapters adapters) throws InterruptedException {
        return adapters.newest(SPECIALTY, Duration.ZERO)
                .map(AdapterVersion::version)
                .orElse(-1L);
    }

    private static void publish(RolloutLog log, long version) {
        HostTensor tensor = new HostTensor(new long[] {1, 1}, new float[] {version});
        Adapter adapter = new Adapter(1, 1, List.of("q_proj"), new TreeMap<>(Map.of("lora_A", tensor)));
        log.publish(SPECIALTY, version, adapter, adapter.hash());
    }
}
