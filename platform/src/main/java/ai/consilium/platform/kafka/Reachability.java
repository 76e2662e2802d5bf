package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.Secrets;
import io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient;
import io.confluent.kafka.schemaregistry.client.rest.exceptions.RestClientException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/** Asks broker and registry for a sign of life, with short timeouts, before a run waits minutes on either. */
final class Reachability {
    private static final int TIMEOUT_MS = 8_000;
    /** For a broker that is there and has not answered: TLS and a login take their time where many processes start at once. */
    private static final int BUSY_TIMEOUT_MS = 24_000;

    private Reachability() {}

    /** Refuses settings whose broker or registry does not answer. */
    static void require(KafkaSettings settings, Map<String, Object> connection) {
        requireBroker(settings, connection);
        requireRegistry(settings);
    }

    private static void requireBroker(KafkaSettings settings, Map<String, Object> connection) {
        if (settings.bootstrapServers().isBlank()) {
            throw new UsageException("kafka.bootstrap.servers: is empty; name at least one broker as host:port");
        }
        try {
            ask(settings, connection, TIMEOUT_MS);
        } catch (ExecutionException first) {
            BrokerRefusal refusal = BrokerRefusal.of(settings, connection, first);
            if (!refusal.mayBeBusy()) {
                throw refusal.explained();
            }
            try {
                ask(settings, connection, BUSY_TIMEOUT_MS);
            } catch (ExecutionException second) {
                throw BrokerRefusal.of(settings, connection, second).explained();
            }
        }
    }

    private static void ask(KafkaSettings settings, Map<String, Object> connection, int timeoutMs)
            throws ExecutionException {
        Map<String, Object> properties = new HashMap<>(connection);
        properties.put("request.timeout.ms", timeoutMs);
        properties.put("default.api.timeout.ms", timeoutMs);
        properties.put("client.id", "consilium-probe");
        try (Admin admin = admin(settings, properties)) {
            admin.describeCluster(new DescribeClusterOptions().timeoutMs(timeoutMs))
                    .nodes()
                    .get();
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static Admin admin(KafkaSettings settings, Map<String, Object> properties) {
        try {
            return Admin.create(properties);
        } catch (KafkaException e) {
            throw BrokerRefusal.ofSettings(settings, e.getCause() == null ? e : e.getCause());
        }
    }

    private static void requireRegistry(KafkaSettings settings) {
        String url = settings.schemaRegistryUrl();
        if (url.isBlank()) {
            throw new UsageException("schema_registry.url: is empty; name the registry as http://host:port");
        }
        Map<String, Object> properties = new HashMap<>(settings.properties());
        properties.put("http.connect.timeout.ms", TIMEOUT_MS);
        properties.put("http.read.timeout.ms", TIMEOUT_MS);
        properties.put("max.retries", 0);
        try (CachedSchemaRegistryClient client =
                new CachedSchemaRegistryClient(List.of(url.split(",")), 1, properties)) {
            client.getCompatibility(null);
        } catch (IOException | RestClientException | RuntimeException e) {
            throw new UsageException(
                    "schema_registry.url: no schema registry answers at " + Secrets.withoutUser(url) + " ("
                            + BrokerRefusal.oneLine(e) + ")",
                    e);
        }
    }
}
