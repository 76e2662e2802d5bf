package ai.consilium.platform.kafka;

import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.NewTopic;

/**
 * A topic as a run makes it.
 *
 * @param name on the broker
 * @param partitions how many
 * @param replicas of each partition
 * @param configuration in Kafka's spelling, sorted
 */
public record TopicSpec(String name, int partitions, int replicas, Map<String, String> configuration) {
    /** Copies and sorts the configuration. */
    public TopicSpec {
        configuration = Collections.unmodifiableMap(new TreeMap<>(configuration));
    }

    /** As the catalogue and a run's settings have it. @param policies the run's */
    public static TopicSpec of(Topics topic, KafkaSettings settings, PolicyTable policies, Replication replication) {
        Map<String, String> configuration = new TreeMap<>(replication.configuration());
        configuration.put("cleanup.policy", topic.cleanup().policy());
        configuration.put("retention.ms", Long.toString(topic.cleanup().retentionMs()));
        if (topic.cleanup() == Topics.Cleanup.BRIEF) {
            // Only whole segments are removed.
            configuration.put("segment.ms", Long.toString(topic.cleanup().retentionMs()));
            // Minutes by the broker's own clock; and a heartbeat's time is what its writer's clock is compared with.
            configuration.put("message.timestamp.type", "LogAppendTime");
        }
        configuration.put("max.message.bytes", Integer.toString(KafkaClients.MAX_RECORD_BYTES));
        return new TopicSpec(
                topic.name(settings.prefix()),
                topic.partitions(settings.partitions(), policies),
                replication.replicas(),
                configuration);
    }

    NewTopic toCreate() {
        return new NewTopic(name, partitions, (short) replicas).configs(configuration);
    }
}
