package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/**
 * Partitions that topics lack of policies that were added to their run.
 *
 * @param wanted by topic
 */
record AddedPartitions(Map<String, NewPartitions> wanted) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(100);

    /** What a run's topics lack. A topic that is too small for the policies that the run began with is none of these. */
    static AddedPartitions of(KafkaClients clients, PolicyTable policies, Map<String, TopicDescription> existing) {
        Map<String, NewPartitions> wanted = new HashMap<>();
        for (Topics topic : Topics.values()) {
            TopicDescription found = existing.get(clients.topic(topic));
            if (found != null && topic.partitioning() == Topics.Partitions.BY_POLICY) {
                int there = found.partitions().size();
                if (there >= policies.first().size() && there < policies.size()) {
                    wanted.put(found.name(), NewPartitions.increaseTo(policies.size()));
                }
            }
        }
        return new AddedPartitions(wanted);
    }

    boolean any() {
        return !wanted.isEmpty();
    }

    /**
     * Adds them.
     *
     * @param topics to describe
     * @return the topics then
     * @throws UsageException when this user may not
     */
    Map<String, TopicDescription> to(Admin admin, List<String> topics) throws InterruptedException, ExecutionException {
        for (var grown : admin.createPartitions(wanted).values().entrySet()) {
            try {
                grown.getValue().get();
            } catch (ExecutionException e) {
                if (e.getCause() instanceof TopicAuthorizationException) {
                    throw refused(grown.getKey(), e);
                }
                if (!(e.getCause() instanceof InvalidPartitionsException)) {
                    throw e;
                }
                // Another role came first: what it made is checked like any other.
            }
        }
        return awaitAll(admin, topics);
    }

    private static UsageException refused(String topic, ExecutionException e) {
        return new UsageException(
                ("kafka.sasl.jaas.config: this user may not add partitions to %s, which lacks one since a specialty was"
                                + " added; start the scheduler first, or add it: kafka-topics.sh --alter --topic %s"
                                + " --partitions N")
                        .formatted(topic, topic),
                e);
    }

    /** Brokers hear of new partitions one after another; what has not come in time is refused like any wrong number. */
    private Map<String, TopicDescription> awaitAll(Admin admin, List<String> topics)
            throws InterruptedException, ExecutionException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        Map<String, TopicDescription> found =
                admin.describeTopics(topics).allTopicNames().get();
        while (!found.values().stream().allMatch(this::has) && System.nanoTime() < end) {
            Thread.sleep(LOOK.toMillis());
            found = admin.describeTopics(topics).allTopicNames().get();
        }
        return found;
    }

    private boolean has(TopicDescription topic) {
        return Optional.ofNullable(wanted.get(topic.name()))
                .map(all -> topic.partitions().size() >= all.totalCount())
                .orElse(true);
    }
}
