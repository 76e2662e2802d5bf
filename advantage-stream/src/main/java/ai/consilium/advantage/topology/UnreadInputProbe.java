package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for unread input by reading on from where the task is, with a consumer of its own. Comparing offsets would not do:
 * transaction markers take offsets that no reader ever sees, and lag metrics keep their last value when the broker is
 * gone. It runs only when a group is overdue, inside the task's own thread, so nothing is processed between answer and
 * use.
 */
public final class UnreadInputProbe implements UnreadInput {
    private static final Logger LOG = LoggerFactory.getLogger(UnreadInputProbe.class);
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(100);

    private final KafkaClients kafka;
    private final String group;
    private final List<String> topics;
    private final RewardProgress reward;
    private @Nullable Consumer<byte[], byte[]> consumer;

    /** Asks for the topics that the topology reads; {@code group} is the Streams application, whose commits are read. */
    public UnreadInputProbe(KafkaClients kafka, String group) {
        this.kafka = kafka;
        this.group = group;
        this.topics =
                List.of(kafka.topic(Topics.PROMPTS), kafka.topic(Topics.TRAJECTORIES), kafka.topic(Topics.SCORES));
        this.reward = new RewardProgress(kafka);
    }

    @Override
    public boolean any(int partition, Map<String, Long> next) {
        try {
            return search(partition, next);
        } catch (KafkaException e) {
            LOG.atWarn()
                    .addKeyValue("partition", partition)
                    .setCause(e)
                    .log("deadlines postponed: the log could not be asked for unread input");
            return true;
        }
    }

    @Override
    public boolean scoresToCome(int partition, String groupId, Set<String> processes) {
        return reward.isBehind(groupId, partition, processes);
    }

    private boolean search(int partition, Map<String, Long> next) {
        Consumer<byte[], byte[]> reader = reader();
        List<TopicPartition> inputs = topics.stream()
                .map(topic -> new TopicPartition(topic, partition))
                .toList();
        reader.assign(inputs);
        start(reader, inputs, next).forEach(reader::seek);
        Map<TopicPartition, Long> ends = reader.endOffsets(inputs, PATIENCE);
        long patienceEnds = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < patienceEnds) {
            Set<TopicPartition> behind = new HashSet<>();
            ends.forEach((input, end) -> {
                if (reader.position(input, PATIENCE) < end) {
                    behind.add(input);
                }
            });
            if (behind.isEmpty()) {
                return false;
            }
            if (!reader.poll(POLL).isEmpty()) {
                return true;
            }
        }
        return true;
    }

    /** Where the task stands: what it processed, else what it committed before it started, else the beginning. */
    private static Map<TopicPartition, Long> start(
            Consumer<byte[], byte[]> reader, List<TopicPartition> inputs, Map<String, Long> processed) {
        Map<TopicPartition, Long> from = new HashMap<>();
        Set<TopicPartition> unknown = new HashSet<>();
        for (TopicPartition input : inputs) {
            Long offset = processed.get(input.topic());
            if (offset == null) {
                unknown.add(input);
            } else {
                from.put(input, offset);
            }
        }
        if (!unknown.isEmpty()) {
            Map<TopicPartition, OffsetAndMetadata> committed = reader.committed(unknown, PATIENCE);
            Map<TopicPartition, Long> beginnings = reader.beginningOffsets(unknown, PATIENCE);
            for (TopicPartition input : unknown) {
                OffsetAndMetadata commit = committed.get(input);
                long beginning = beginnings.getOrDefault(input, 0L);
                from.put(input, commit == null ? beginning : Math.max(beginning, commit.offset()));
            }
        }
        return from;
    }

    private Consumer<byte[], byte[]> reader() {
        if (consumer == null) {
            Map<String, Object> properties = new HashMap<>(kafka.connectionProperties());
            properties.put(ConsumerConfig.CLIENT_ID_CONFIG, group + "-probe");
            properties.put(ConsumerConfig.GROUP_ID_CONFIG, group);
            properties.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            properties.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            properties.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
            properties.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
            // One record answers the question: the payloads of a backlog need not be fetched.
            properties.put(ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 1);
            properties.put(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG, (int) POLL.toMillis());
            consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        }
        return consumer;
    }

    @Override
    public void close() {
        reward.close();
        if (consumer != null) {
            consumer.close();
        }
    }
}
