package ai.consilium.devcluster;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** The registry's state: the compacted topic {@code _schemas} with JSON keys and values, as Confluent's registry lays it out. */
final class SchemaLog implements AutoCloseable {
    private static final TopicPartition PARTITION = new TopicPartition("_schemas", 0);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final long WRITE_TIMEOUT_S = 30;

    private final ObjectMapper json = new ObjectMapper();
    private final Map<String, Object> connection;
    private final KafkaProducer<String, String> producer;

    SchemaLog(String bootstrapServers) {
        this.connection = Map.of("bootstrap.servers", bootstrapServers, "client.id", "schema-registry");
        createTopic();
        this.producer = new KafkaProducer<>(connection, new StringSerializer(), new StringSerializer());
    }

    private void createTopic() {
        try (Admin admin = Admin.create(connection)) {
            NewTopic topic = new NewTopic(PARTITION.topic(), Optional.of(1), Optional.empty())
                    .configs(Map.of("cleanup.policy", "compact"));
            admin.createTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw new IllegalStateException("the registry's topic could not be created", e.getCause());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the registry's topic was created", e);
        }
    }

    /** Hands every entry that is on the log to the state, oldest first; a value of JSON null is a tombstone. */
    void replay(BiConsumer<JsonNode, JsonNode> entry) {
        var consumer = new KafkaConsumer<>(connection, new StringDeserializer(), new StringDeserializer());
        try {
            consumer.assign(List.of(PARTITION));
            consumer.seekToBeginning(List.of(PARTITION));
            long end = consumer.endOffsets(List.of(PARTITION)).getOrDefault(PARTITION, 0L);
            while (consumer.position(PARTITION) < end) {
                for (ConsumerRecord<String, String> record : consumer.poll(POLL)) {
                    String value = record.value() == null ? "null" : record.value();
                    entry.accept(json.readTree(record.key()), json.readTree(value));
                }
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("topic " + PARTITION.topic() + " holds what is not JSON", e);
        } finally {
            // It has nothing to tell the broker, and would wait for a fetch that waits for records.
            consumer.close(CloseOptions.timeout(Duration.ZERO));
        }
    }

    /** Appends an entry and waits until the broker has it; JSON null as value is a tombstone. */
    void append(JsonNode key, JsonNode value) {
        try {
            String text = value.isNull() ? null : json.writeValueAsString(value);
            producer.send(new ProducerRecord<>(PARTITION.topic(), 0, json.writeValueAsString(key), text))
                    .get(WRITE_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegistryError(500, 50001, "Interrupted while writing to the backend data store");
        } catch (ExecutionException | TimeoutException | JsonProcessingException e) {
            throw new RegistryError(500, 50001, "Error in the backend data store: " + e);
        }
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
