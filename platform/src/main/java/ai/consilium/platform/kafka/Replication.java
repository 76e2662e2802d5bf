package ai.consilium.platform.kafka;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;

/**
 * How often the records of a run's topics are kept.
 *
 * @param replicas of each partition
 */
public record Replication(int replicas) {
    private static final int MOST = 3;

    /** As configured; else what a cluster of three brokers or more gets. */
    public static Replication ofLargeCluster(KafkaSettings settings) {
        return new Replication(settings.replicationFactor() > 0 ? settings.replicationFactor() : MOST);
    }

    /** As configured; else as many as there are brokers, three at most: a cluster's own default is often 1. */
    public static Replication of(KafkaClients clients) {
        int configured = clients.settings().replicationFactor();
        if (configured > 0) {
            return new Replication(configured);
        }
        try (Admin admin = clients.admin()) {
            return new Replication(
                    Math.min(MOST, admin.describeCluster().nodes().get().size()));
        } catch (ExecutionException e) {
            throw new KafkaException("the cluster does not say how many brokers it has", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /**
     * Settings of a topic beside the number: of three replicas two must have a record before it counts as written, so that one
     * broker may be gone and no record is held by one alone.
     */
    public Map<String, String> configuration() {
        return replicas >= MOST ? Map.of("min.insync.replicas", "2") : Map.of();
    }
}
