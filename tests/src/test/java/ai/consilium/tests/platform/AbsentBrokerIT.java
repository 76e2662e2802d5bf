package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.Ports;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.manifest.ControlWatch;
import ai.consilium.platform.manifest.ManifestGate;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is away for longer than a client waits for an answer: on a busy machine, or while it is restarted. */
class AbsentBrokerIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration AWAY = Duration.ofSeconds(7);
    private static final Map<String, String> PATIENCE =
            Map.of("default.api.timeout.ms", "4000", "request.timeout.ms", "3000");

    private static final PolicyTable POLICIES = PolicyTable.of(List.of("pediatrics"));
    private static final RunSettings SETTINGS =
            new RunSettings("0.2.0", POLICIES, new TreeMap<>(Map.of("seed", "1")), Set.of());

    @Test
    void givenABrokerThatIsAwayForLongerThanACallMayTakeThenARunIsWatchedOnWhenItIsBack(@TempDir Path dir) {
        int port = Ports.free();
        int registryPort = Ports.free();
        EmbeddedKafka broker = EmbeddedKafka.start(dir, port);
        EmbeddedRegistry registry = EmbeddedRegistry.start(broker.bootstrapServers(), registryPort);
        KafkaClients clients =
                new KafkaClients(new KafkaSettings(broker.bootstrapServers(), registry.url(), "away", 1, 1, PATIENCE));
        TopicCatalogue.create(clients, POLICIES);
        RunManifest first =
                SETTINGS.revise(Optional.empty(), "away", "scheduler/s", 1).orElseThrow();
        ManifestLog.revise(clients, first, "scheduler");
        RunContext run = new RunContext("away", "test", SETTINGS, clients, new SimpleMeterRegistry());

        try (ControlWatch watch = new ControlWatch(clients, "train");
                ManifestGate gate = new ManifestGate(run, "learner");
                LogReader<RunManifest> reader = new LogReader<>(
                        clients, Topics.RUN_MANIFESTS, RunManifest.class, UnusableRecords.LOGGED, null, Map.of())) {
            watch.start();
            gate.start();
            await().atMost(SOON).until(() -> gate.accepted().isPresent());
            await().atMost(SOON).until(() -> caughtUp(reader));
            List<ServiceThread> threads = Stream.of(watch.threads(), gate.threads())
                    .flatMap(List::stream)
                    .toList();

            registry.close();
            broker.close();
            assertThat(reader.caughtUp()).isFalse();
            await().during(AWAY)
                    .atMost(SOON)
                    .untilAsserted(() -> assertThat(threads)
                            .allSatisfy(thread -> assertThat(thread.failure()).isEmpty()));
            broker = EmbeddedKafka.start(dir, port);
            registry = EmbeddedRegistry.start(broker.bootstrapServers(), registryPort);
            ManifestLog.revise(clients, RunControl.STOP.after(first, "command", 2), "command");

            await().atMost(SOON).until(watch::stopped);
            await().atMost(SOON).until(() -> gate.accepted().orElseThrow().getRevision() == 2);
            await().atMost(SOON).until(() -> caughtUp(reader));
        } finally {
            registry.close();
            broker.close();
        }
    }

    private static boolean caughtUp(LogReader<RunManifest> reader) {
        return reader.poll(Duration.ofMillis(100)).isEmpty() && reader.caughtUp();
    }
}
