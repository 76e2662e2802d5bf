package ai.consilium.runlog;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Accounts for all groups of a run, by what is on its log.
 *
 * @param records committed records per topic (name without prefix), tombstones included, transaction markers excluded
 * @param prompts groups that were opened
 * @param outcomes groups by how they ended (trained, filtered, ...; all of them present); the first record of a group counts
 * @param balanced whether every opened group has an outcome and no other group has one
 */
public record GroupAccounting(Map<String, Long> records, long prompts, Map<String, Long> outcomes, boolean balanced) {
    private static final Duration POLL = Duration.ofMillis(200);

    /** Copies the maps, keeping their order. */
    public GroupAccounting {
        records = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(records));
        outcomes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(outcomes));
    }

    /**
     * Reads every topic of the run from its beginning to its present end.
     *
     * @throws UsageException when a topic of the run does not exist
     */
    public static GroupAccounting describe(KafkaClients clients) {
        Set<String> known = requireTopics(clients);
        Map<String, Long> records = new LinkedHashMap<>();
        Set<String> opened = new HashSet<>();
        Map<String, Outcome> ended = new HashMap<>();
        Deserializer<Decoded<GroupOutcome>> outcomes =
                clients.decodedSerde(GroupOutcome.class).deserializer();
        for (Topics topic : Topics.values()) {
            String name = clients.topic(topic);
            Consumer<ConsumerRecord<String, byte[]>> visitor = switch (topic) {
                case PROMPTS -> record -> opened.add(record.key());
                case GROUP_OUTCOMES -> record -> note(outcomes.deserialize(name, record.value()), ended);
                default -> record -> {};
            };
            records.put(topic.baseName(), known.contains(name) ? visit(clients, name, visitor) : 0);
        }
        Map<String, Long> counts = new LinkedHashMap<>();
        for (Outcome outcome : Outcome.values()) {
            counts.put(
                    outcome.name().toLowerCase(Locale.ROOT),
                    ended.values().stream().filter(outcome::equals).count());
        }
        return new GroupAccounting(records, opened.size(), counts, opened.equals(ended.keySet()));
    }

    private static void note(Decoded<GroupOutcome> decoded, Map<String, Outcome> ended) {
        GroupOutcome outcome = decoded.value();
        if (outcome != null) {
            ended.putIfAbsent(outcome.getGroupId(), outcome.getOutcome());
        }
    }

    /** Names of the cluster's topics. A run of version 0.1 has no manifest until its scheduler starts again. */
    private static Set<String> requireTopics(KafkaClients clients) {
        try (Admin admin = clients.admin()) {
            Set<String> known = admin.listTopics().names().get();
            for (Topics topic : Topics.values()) {
                if (topic != Topics.RUN_MANIFESTS && !known.contains(clients.topic(topic))) {
                    throw new UsageException(
                            "run_id: the cluster has no topic " + clients.topic(topic) + "; is this the id of a run?");
                }
            }
            return known;
        } catch (ExecutionException e) {
            throw new KafkaException("topics could not be listed", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private static long visit(KafkaClients clients, String topic, Consumer<ConsumerRecord<String, byte[]>> visitor) {
        long count = 0;
        var consumer = new KafkaConsumer<>(
                clients.consumerProperties(null, Map.of()), new StringDeserializer(), new ByteArrayDeserializer());
        try {
            List<TopicPartition> all = LogReader.partitionsOf(consumer, topic);
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (all.stream().anyMatch(it -> consumer.position(it) < ends.getOrDefault(it, 0L))) {
                for (ConsumerRecord<String, byte[]> record : consumer.poll(POLL)) {
                    if (record.offset() < ends.getOrDefault(new TopicPartition(topic, record.partition()), 0L)) {
                        count++;
                        visitor.accept(record);
                    }
                }
            }
        } finally {
            KafkaClients.closeAtOnce(consumer);
        }
        return count;
    }
}
