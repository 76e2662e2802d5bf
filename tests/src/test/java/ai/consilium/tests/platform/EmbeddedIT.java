package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import io.confluent.kafka.schemaregistry.avro.AvroSchema;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedIT {
    private static final AvroSchema FIRST = schema("{\"name\": \"a\", \"type\": \"int\"}");
    private static final AvroSchema SECOND =
            schema("{\"name\": \"a\", \"type\": \"int\"}, {\"name\": \"b\", \"type\": \"int\", \"default\": 0}");
    private static final AvroSchema BREAKING = schema("{\"name\": \"c\", \"type\": \"int\"}");

    @WithKafka(own = true)
    private static EmbeddedCluster cluster;

    private static AvroSchema schema(String fields) {
        return new AvroSchema("{\"type\": \"record\", \"name\": \"R\", \"fields\": [" + fields + "]}");
    }

    private static CachedSchemaRegistryClient client() {
        return new CachedSchemaRegistryClient(cluster.registryUrl(), 10);
    }

    @Test
    void givenASchemaThatCannotReadHistoryWhenRegisteredThenItIsRefusedWith409() throws Exception {
        try (CachedSchemaRegistryClient client = client()) {
            client.updateCompatibility("refusal", "BACKWARD_TRANSITIVE");
            client.register("refusal", FIRST);
            assertThat(client.testCompatibility("refusal", SECOND)).isTrue();
            assertThat(client.testCompatibilityVerbose("refusal", BREAKING)).isNotEmpty();
            RestClientException refusal =
                    catchThrowableOfType(RestClientException.class, () -> client.register("refusal", BREAKING));
            assertThat(refusal.getStatus()).isEqualTo(409);
            assertThat(client.getAllVersions("refusal")).containsExactly(1);
        }
    }

    @Test
    void givenARestartWhenAskedThenIdsVersionsLevelsAndDeletionsAreAsBefore() throws Exception {
        int id;
        int lost;
        try (CachedSchemaRegistryClient client = client()) {
            client.updateCompatibility("kept", "FULL");
            id = client.register("kept", FIRST);
            client.register("kept", SECOND);
            lost = client.register("lost", BREAKING);
            client.deleteSubject("lost");
        }
        cluster.restart();
        try (CachedSchemaRegistryClient client = client()) {
            assertThat(client.getId("kept", FIRST)).isEqualTo(id);
            assertThat(client.getVersion("kept", SECOND)).isEqualTo(2);
            assertThat(client.getCompatibility("kept")).isEqualTo("FULL");
            assertThat(client.getAllSubjects()).contains("kept").doesNotContain("lost");
            assertThat(client.getSchemaById(lost)).isEqualTo(BREAKING);
            AvroSchema another = schema("{\"name\": \"d\", \"type\": \"string\"}");
            assertThat(client.register("another", another)).isGreaterThan(lost);
        }
    }

    @Test
    void givenSoftAndHardDeletionWhenDoneInOrderThenTheSubjectIsGone() throws Exception {
        try (CachedSchemaRegistryClient client = client()) {
            client.register("doomed", FIRST);
            RestClientException tooSoon = catchThrowableOfType(
                    RestClientException.class, () -> client.deleteSubject(Map.of(), "doomed", true));
            assertThat(tooSoon.getErrorCode()).isEqualTo(40405);
            assertThat(client.deleteSubject("doomed")).containsExactly(1);
            assertThat(client.deleteSubject(Map.of(), "doomed", true)).containsExactly(1);
            RestClientException gone =
                    catchThrowableOfType(RestClientException.class, () -> client.getLatestSchemaMetadata("doomed"));
            assertThat(gone.getErrorCode()).isEqualTo(40401);
            RestClientException unknown =
                    catchThrowableOfType(RestClientException.class, () -> client.getSchemaById(99_999));
            assertThat(unknown.getErrorCode()).isEqualTo(40403);
        }
    }

    @Test
    void givenAPortInUseWhenStartedThenTheKeyAndThePortAreNamed(@TempDir Path dir) throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = taken.getLocalPort();
            assertThatThrownBy(() -> EmbeddedKafka.start(dir, port))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("kafka.port: port " + port);
            assertThatThrownBy(() -> EmbeddedRegistry.start(cluster.bootstrapServers(), port))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("schema_registry.port: port " + port);
        }
    }

    @Test
    void givenNoBrokerOrRegistryWhenAskedForThenTheKeyIsNamed() {
        String nobody = "127.0.0.1:1";
        cluster.clients().requireReachable();
        assertThatThrownBy(clients(nobody, cluster.registryUrl())::requireReachable)
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("kafka.bootstrap.servers: no broker answers at " + nobody);
        assertThatThrownBy(clients("no-such-host.invalid:9092", cluster.registryUrl())::requireReachable)
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("kafka.bootstrap.servers");
        assertThatThrownBy(clients(cluster.bootstrapServers(), "http://" + nobody)::requireReachable)
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("schema_registry.url: no schema registry answers at http://" + nobody);
    }

    private static KafkaClients clients(String brokers, String registry) {
        return new KafkaClients(new KafkaSettings(brokers, registry, "", 1, 1, Map.of()));
    }

    @Test
    void givenADirectoryInUseWhenASecondBrokerStartsThenItIsRefused(@TempDir Path dir) {
        try (EmbeddedKafka first = EmbeddedKafka.start(dir, 0)) {
            assertThat(first.bootstrapServers()).startsWith("127.0.0.1:");
            assertThatThrownBy(() -> EmbeddedKafka.start(dir, 0))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("run directory in use");
        }
    }

    @Test
    void givenATypeThatIsNotKeptWhenAskedForThenTheListSaysSo() throws Exception {
        try (CachedSchemaRegistryClient client = client()) {
            assertThat(client.getMode()).isEqualTo("READWRITE");
            assertThat(client.getAllSubjectsById(client.register("shared", FIRST)))
                    .containsAll(List.of("shared"));
        }
    }
}
