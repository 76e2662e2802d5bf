package ai.consilium.benchmarks.stream;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** Writes what a benchmark feeds to a role: groups take the partitions in turn. */
final class RoleInput implements AutoCloseable {
    private final KafkaClients kafka;
    private final Producer<String, SpecificRecord> producer;
    private final AtomicReference<@Nullable Exception> refused = new AtomicReference<>();

    RoleInput(KafkaClients kafka) {
        this(kafka, Map.of());
    }

    /** @param overrides of the producer's settings, in Kafka's spelling */
    RoleInput(KafkaClients kafka, Map<String, Object> overrides) {
        this.kafka = kafka;
        this.producer = kafka.producer("bench", overrides);
    }

    /** Name of a group. */
    static String group(int number) {
        return "group-" + number;
    }

    /** @throws IllegalStateException when the broker refused a record */
    void requireTaken() {
        Exception problem = refused.get();
        if (problem != null) {
            throw new IllegalStateException("the broker rejected the input", problem);
        }
    }

    /** Sends a record of a group. */
    void send(Topics topic, int group, SpecificRecord value) {
        int partition = group % kafka.settings().partitions();
        var unused = producer.send(
                new ProducerRecord<>(kafka.topic(topic), partition, group(group), value), (sent, failure) -> {
                    if (failure != null) {
                        refused.compareAndSet(null, failure);
                    }
                });
    }

    /** Sends what everything else refers to, and waits until it is there. */
    void announce(Topics topic, String key, SpecificRecord value) {
        var unused = producer.send(new ProducerRecord<>(kafka.topic(topic), 0, key, value));
        producer.flush();
    }

    @Override
    public void close() {
        producer.close();
    }
}
