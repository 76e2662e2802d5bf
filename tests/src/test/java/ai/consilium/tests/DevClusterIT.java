package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.Ports;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.schemas.PolicyTable;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium run dev-cluster}: a broker and a registry for the roles of a run that are processes of their own. */
class DevClusterIT {
    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenTwoPortsWhenADevClusterRunsThenItSaysWhereItIsAndServesUntilItIsTerminated() throws Exception {
        int kafkaPort = Ports.free();
        String registry = "http://127.0.0.1:" + Ports.free();
        try (RunProcess cluster = RunProcess.start(
                directory,
                "dev-cluster",
                Map.of(),
                "run",
                "dev-cluster",
                "--run-dir",
                directory.resolve("cluster").toString(),
                "--set",
                "kafka.port=" + kafkaPort,
                "--set",
                "schema_registry.port=" + registry.substring(registry.lastIndexOf(':') + 1))) {
            await().atMost(RunProcess.PATIENCE).until(() -> {
                assertThat(cluster.alive()).as(cluster.errors()).isTrue();
                return cluster.output().contains("schema_registry.url=" + registry);
            });
            KafkaClients clients =
                    new KafkaClients(new KafkaSettings("127.0.0.1:" + kafkaPort, registry, "apart", 2, 1, Map.of()));
            clients.requireReachable();
            TopicCatalogue.create(clients, PolicyTable.of(SmallRun.SPECIALTIES));
            cluster.terminate();
            cluster.exit();
        }
    }
}
