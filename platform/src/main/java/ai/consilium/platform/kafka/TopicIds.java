package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/** Ids that a cluster gives to topics: another run's topic, or one that was made anew, has another. */
public final class TopicIds {
    private TopicIds() {}

    /** Of some topics of a run, by their names without the run's prefix. */
    public static SortedMap<String, String> of(KafkaClients kafka, List<Topics> topics) throws InterruptedException {
        List<String> names = topics.stream().map(kafka::topic).toList();
        try (Admin admin = kafka.admin()) {
            var described = admin.describeTopics(names).allTopicNames().get();
            SortedMap<String, String> ids = new TreeMap<>();
            for (Topics topic : topics) {
                ids.put(
                        topic.baseName(),
                        Objects.requireNonNull(described.get(kafka.topic(topic)))
                                .topicId()
                                .toString());
            }
            return ids;
        } catch (ExecutionException e) {
            throw new KafkaException("the ids of " + names + " cannot be read", e.getCause());
        }
    }
}
