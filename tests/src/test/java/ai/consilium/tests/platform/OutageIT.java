package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that is gone for longer than its clients' calls last. */
class OutageIT {
    /** Of one call; a minute by default. */
    private static final String CALL_MS = "1500";

    @TempDir
    private Path directory;

    @Test
    void givenABrokerThatDoesNotAnswerWhenAReaderIsAskedThenItHasNotCaughtUpUntilTheBrokerIsBack() {
        EmbeddedKafka broker = EmbeddedKafka.start(directory, 0);
        String address = broker.bootstrapServers();
        try (EmbeddedRegistry registry = EmbeddedRegistry.start(address, 0)) {
            KafkaClients kafka = new KafkaClients(new KafkaSettings(
                    address,
                    registry.url(),
                    "outage",
                    1,
                    1,
                    Map.of("default.api.timeout.ms", CALL_MS, "request.timeout.ms", "1000")));
            TopicCatalogue.createManifests(kafka);
            try (LogReader<RunManifest> reader = new LogReader<>(
                    kafka, Topics.RUN_MANIFESTS, RunManifest.class, UnusableRecords.LOGGED, null, Map.of())) {
                await().until(() -> reader.poll(Duration.ofMillis(100)).isEmpty() && reader.caughtUp());

                broker.close();
                assertThat(reader.caughtUp()).isFalse();

                broker = EmbeddedKafka.start(
                        directory, URI.create("kafka://" + address).getPort());
                await().until(() -> reader.poll(Duration.ofMillis(100)).isEmpty() && reader.caughtUp());
            }
        } finally {
            broker.close();
        }
    }
}
