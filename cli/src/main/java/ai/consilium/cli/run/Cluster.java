package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The log and the registry of a run: somebody's cluster, or both embedded in this process.
 *
 * @param bootstrapServers brokers
 * @param registryUrl registry
 * @param kafka the embedded broker, if it is ours
 * @param registry the embedded registry, if it is ours
 */
public record Cluster(
        String bootstrapServers,
        String registryUrl,
        @Nullable EmbeddedKafka kafka,
        @Nullable EmbeddedRegistry registry) implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ADDRESS_FILE = "cluster.json";

    /** Where a running process's cluster is, for those who look at its run directory. */
    public record Address(String bootstrapServers, String registryUrl) {}

    /** Starts broker and registry on a directory, and leaves their address in the run directory. */
    public static Cluster embedded(ConsiliumConfig config, Path kafkaDirectory, Path runDirectory) {
        EmbeddedKafka kafka = EmbeddedKafka.start(kafkaDirectory, config.kafka().port());
        try {
            EmbeddedRegistry registry = EmbeddedRegistry.start(
                    kafka.bootstrapServers(), config.schemaRegistry().port());
            Cluster cluster = new Cluster(kafka.bootstrapServers(), registry.url(), kafka, registry);
            JSON.writeValue(
                    runDirectory.resolve(ADDRESS_FILE).toFile(),
                    new Address(cluster.bootstrapServers(), cluster.registryUrl()));
            return cluster;
        } catch (IOException e) {
            kafka.close();
            throw new UncheckedIOException(e);
        } catch (RuntimeException e) {
            kafka.close();
            throw e;
        }
    }

    /**
     * Somebody else's cluster.
     *
     * @throws UsageException when an address is not configured
     */
    public static Cluster configured(ConsiliumConfig config) {
        if (config.embedded()) {
            throw new UsageException("kafka.bootstrap.servers is not set: this command needs a cluster "
                    + "(consilium run dev-cluster starts one)");
        }
        if (config.schemaRegistry().url().isBlank()) {
            throw new UsageException("schema_registry.url is not set: this command needs a schema registry");
        }
        return new Cluster(
                config.kafka().bootstrapServers(), config.schemaRegistry().url(), null, null);
    }

    /** The address that a process left in a run directory. */
    public static Optional<Address> addressIn(Path runDirectory) {
        Path file = runDirectory.resolve(ADDRESS_FILE);
        try {
            return Files.isRegularFile(file)
                    ? Optional.of(JSON.readValue(file.toFile(), Address.class))
                    : Optional.empty();
        } catch (IOException e) {
            throw new UsageException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Clients of a run.
     *
     * @throws UsageException when broker or registry do not answer
     */
    public KafkaClients clients(ConsiliumConfig config, String runId) {
        Map<String, String> properties = new HashMap<>(config.kafka().properties());
        properties.remove(ConsiliumConfig.KafkaSection.BOOTSTRAP);
        KafkaClients clients = new KafkaClients(new KafkaSettings(
                bootstrapServers,
                registryUrl,
                runId,
                config.kafka().partitions(),
                config.kafka().replicationFactor(),
                properties));
        clients.requireReachable();
        return clients;
    }

    @Override
    public void close() {
        if (registry != null) {
            registry.close();
        }
        if (kafka != null) {
            kafka.close();
        }
    }
}
