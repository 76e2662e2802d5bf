package ai.consilium.platform.kafka;

import ai.consilium.platform.config.Secrets;
import java.util.Map;
import java.util.TreeSet;

/**
 * Where the log is and how this run's topics are named.
 *
 * @param bootstrapServers brokers, {@code host:port,...}
 * @param schemaRegistryUrl Confluent-protocol registry
 * @param prefix prefix of the run's topics and consumer groups; empty for none
 * @param partitions partitions of the topics keyed by group
 * @param replicationFactor of the topics that this run creates; 0: as many as there are brokers, three at most
 * @param properties passed through to every client in Kafka's own spelling (SASL, TLS, ...)
 */
public record KafkaSettings(
        String bootstrapServers,
        String schemaRegistryUrl,
        String prefix,
        int partitions,
        int replicationFactor,
        Map<String, String> properties) {
    /** Copies the properties. */
    public KafkaSettings {
        properties = Map.copyOf(properties);
    }

    /** Without the values of the properties: passwords are among them. */
    @Override
    public String toString() {
        return "KafkaSettings[" + bootstrapServers + ", " + Secrets.withoutUser(schemaRegistryUrl) + ", prefix="
                + prefix + ", partitions=" + partitions + ", properties=" + new TreeSet<>(properties.keySet()) + "]";
    }
}
