package ai.consilium.platform.kafka;

import ai.consilium.schemas.Topics;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.serialization.Serde;

/**
 * Makes every Kafka client of the system, so that isolation levels, acknowledgements, the registry and the pass-through
 * properties are set in one place. Keys are strings; values are Avro through the Confluent serializers.
 */
public final class KafkaClients {
    private final KafkaSettings settings;

    /** Clients for one cluster and one run. */
    public KafkaClients(KafkaSettings settings) {
        this.settings = settings;
    }

    /** What these clients connect to. */
    public KafkaSettings settings() {
        return settings;
    }

    /** The run's name of a topic. */
    public String topic(Topics topic) {
        return topic.name(settings.prefix());
    }

    /** The run's name of a consumer, share or Streams group. */
    public String group(String name) {
        return settings.prefix().isEmpty() ? name : settings.prefix() + "-" + name;
    }

    /** Idempotent producer, {@code acks=all}, lz4. */
    public Producer<String, SpecificRecord> producer(String clientId) {
        throw new UnsupportedOperationException("stub");
    }

    /** Producer with a fixed transactional id; the caller calls {@code initTransactions}, which fences an older holder. */
    public Producer<String, SpecificRecord> transactionalProducer(String transactionalId) {
        throw new UnsupportedOperationException("stub");
    }

    /** Consumer of one value type, {@code read_committed}, no auto-commit, from the earliest offset; no group when null. */
    public <T extends SpecificRecord> Consumer<String, Decoded<T>> consumer(
            Class<T> type, @org.jspecify.annotations.Nullable String group, Map<String, Object> overrides) {
        throw new UnsupportedOperationException("stub");
    }

    /** Share-group consumer, explicit acknowledgement, {@code record_limit}, {@code read_committed}. */
    public <T extends SpecificRecord> ShareConsumer<String, Decoded<T>> shareConsumer(
            Class<T> type, String group, int maxPollRecords) {
        throw new UnsupportedOperationException("stub");
    }

    /** Serde of one value type that throws on bad bytes. */
    public <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
        throw new UnsupportedOperationException("stub");
    }

    /** Serde of one value type that yields {@link Decoded}, for the sources of a topology. */
    public <T extends SpecificRecord> Serde<Decoded<T>> decodedSerde(Class<T> type) {
        throw new UnsupportedOperationException("stub");
    }

    /** Connection properties for a client that is made elsewhere (Kafka Streams). */
    public Map<String, Object> connectionProperties() {
        throw new UnsupportedOperationException("stub");
    }

    /** Admin client. */
    public Admin admin() {
        throw new UnsupportedOperationException("stub");
    }
}
