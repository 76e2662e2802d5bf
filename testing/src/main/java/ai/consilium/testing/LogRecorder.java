package ai.consilium.testing;

import ai.consilium.devcluster.EmbeddedKafka;
import ai.consilium.devcluster.EmbeddedRegistry;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.KafkaSettings;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.RecordedLog.LogRecord;
import ai.consilium.testing.RecordedLog.RegisteredSchema;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/**
 * Makes the file that {@link RecordedLog} reads from the directory of a run that has ended. The run of version 0.1:
 *
 * <pre>{@code
 * consilium train --run-dir DIRECTORY --set run_id=recorded --set 'specialties=[pediatrics, oncology_surgery]'
 *     --set steps=3 --set batch_size=2 --set dsa.shared_steps=2 --set dsa.steps=3 --set dsa.batch_size=4
 *     --set lora.rank=1 --set lora.alpha=2.0 --set 'lora.targets=[q_proj]' --set merger.rank=2 --set merger.tolerance=1.0
 *     --set clinic.train_per_specialty=40 --set clinic.val_per_specialty=4 --set clinic.test_per_specialty=4
 * }</pre>
 */
final class LogRecorder {
    private LogRecorder() {}

    /** Arguments: run directory, run id, file to write. */
    public static void main(String[] arguments) throws Exception {
        Path kafkaDirectory = Path.of(arguments[0]).resolve("kafka");
        try (EmbeddedKafka broker = EmbeddedKafka.start(kafkaDirectory, 0);
                EmbeddedRegistry registry = EmbeddedRegistry.start(broker.bootstrapServers(), 0)) {
            KafkaClients kafka = new KafkaClients(
                    new KafkaSettings(broker.bootstrapServers(), registry.url(), arguments[1], 1, 1, Map.of()));
            new RecordedLog(schemas(kafka), records(kafka)).write(Path.of(arguments[2]));
        }
    }

    private static List<RegisteredSchema> schemas(KafkaClients kafka) throws Exception {
        SchemaRegistryClient registry = kafka.registry();
        List<RegisteredSchema> schemas = new ArrayList<>();
        for (Topics topic : Topics.values()) {
            String subject = kafka.topic(topic) + "-value";
            for (int version : registry.getAllVersions(subject)) {
                var found = registry.getSchemaMetadata(subject, version);
                schemas.add(new RegisteredSchema(found.getId(), topic, found.getSchema()));
            }
        }
        schemas.sort(Comparator.comparingInt(RegisteredSchema::id));
        return schemas;
    }

    private static List<LogRecord> records(KafkaClients kafka) {
        Map<String, Object> properties = kafka.connectionProperties();
        properties.put("isolation.level", "read_committed");
        List<LogRecord> records = new ArrayList<>();
        KafkaConsumer<String, byte[]> consumer =
                new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer());
        try {
            for (Topics topic : Topics.values()) {
                List<TopicPartition> partitions = LogReader.partitionsOf(consumer, kafka.topic(topic));
                records.addAll(records(consumer, topic, partitions));
            }
        } finally {
            KafkaClients.closeAtOnce(consumer);
        }
        return records;
    }

    private static List<LogRecord> records(
            KafkaConsumer<String, byte[]> consumer, Topics topic, List<TopicPartition> partitions) {
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        Map<Integer, List<LogRecord>> byPartition = new TreeMap<>();
        while (partitions.stream()
                .anyMatch(partition -> consumer.position(partition) < ends.getOrDefault(partition, 0L))) {
            consumer.poll(Duration.ofMillis(100))
                    .forEach(record -> byPartition
                            .computeIfAbsent(record.partition(), partition -> new ArrayList<>())
                            .add(new LogRecord(
                                    topic,
                                    record.partition(),
                                    record.offset(),
                                    record.timestamp(),
                                    record.key(),
                                    record.value())));
        }
        return byPartition.values().stream().flatMap(List::stream).toList();
    }
}
