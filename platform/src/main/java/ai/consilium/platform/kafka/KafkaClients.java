package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.Topics;
import io.confluent.kafka.schemaregistry.client.SchemaRegistryClient;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Makes every Kafka client of the system, so that isolation levels, acknowledgements, the registry and the pass-through
 * properties are set in one place. Keys are strings; values are Avro through the Confluent serializers. The value of a
 * tombstone is null, as Kafka's consumers hand it out. Thread-safe.
 */
public final class KafkaClients {
    /** Largest record that is produced, in bytes; the topics that {@link TopicCatalogue} creates take it. */
    public static final int MAX_RECORD_BYTES = 4 << 20;

    /** How long a share consumer may keep a record before another one gets it: the brokers' default ceiling. */
    public static final Duration SHARE_LOCK = Duration.ofSeconds(60);

    private final KafkaSettings settings;
    private final AvroCodec codec;
    private final Set<String> preparedShareGroups = ConcurrentHashMap.newKeySet();

    /** Clients for one cluster and one run. */
    public KafkaClients(KafkaSettings settings) {
        this(settings, null);
    }

    private KafkaClients(KafkaSettings settings, @Nullable RecordTraces traces) {
        this.settings = settings;
        this.codec = new AvroCodec(settings, traces);
    }

    /** The same, whose records are traced. */
    public KafkaClients traced(RecordTraces traces) {
        return new KafkaClients(settings, traces);
    }

    /** What these clients connect to. */
    public KafkaSettings settings() {
        return settings;
    }

    /** The run's name of a topic. */
    public String topic(Topics topic) {
        return topic.name(settings.prefix());
    }

    /** The run's name of a consumer, share or Streams group, or of a transactional id. */
    public String group(String name) {
        return settings.prefix().isEmpty() ? name : settings.prefix() + "-" + name;
    }

    /**
     * Finds out whether broker and registry answer, within about 20 s, or 40 s where something listens and says nothing; a run calls
     * it before anything else.
     *
     * @throws UsageException naming {@code kafka.bootstrap.servers} or {@code schema_registry.url}
     */
    public void requireReachable() {
        Reachability.require(settings, connectionProperties());
    }

    /** Idempotent producer, {@code acks=all}, lz4. */
    public Producer<String, SpecificRecord> producer(String clientId) {
        return producer(clientId, Map.of());
    }

    /** Idempotent producer, {@code acks=all}, lz4, with further properties. */
    public Producer<String, SpecificRecord> producer(String clientId, Map<String, Object> overrides) {
        Map<String, Object> properties = connectionProperties();
        properties.put("client.id", clientId);
        properties.putAll(overrides);
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        properties.put("compression.type", "lz4");
        properties.put("max.request.size", MAX_RECORD_BYTES);
        return new KafkaProducer<>(properties, new StringSerializer(), codec.serializer());
    }

    /**
     * Producer with a fixed transactional id (see {@link #group} for its prefix), not initialized;
     * {@code ai.consilium.platform.transaction.TransactionalWriter} is how a role uses it.
     */
    public Producer<String, SpecificRecord> transactionalProducer(String transactionalId) {
        return producer(transactionalId, Map.of("transactional.id", transactionalId));
    }

    /**
     * Producer of bytes as they are, with a fixed transactional id, not initialized.
     *
     * @param longest largest request in bytes; the broker has a limit of its own
     */
    public Producer<byte[], byte[]> transactionalBytesProducer(String transactionalId, int longest) {
        Map<String, Object> properties = connectionProperties();
        properties.put("client.id", transactionalId);
        properties.put("transactional.id", transactionalId);
        properties.put("acks", "all");
        properties.put("compression.type", "lz4");
        properties.put("max.request.size", longest);
        return new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** Consumer of bytes as they are, without a group, {@code read_committed}. */
    public Consumer<byte[], byte[]> bytesConsumer(Map<String, Object> overrides) {
        return bytesConsumer(null, overrides);
    }

    /**
     * Consumer of bytes as they are, {@code read_committed}.
     *
     * @param group as {@link #group} names it; null for none
     */
    public Consumer<byte[], byte[]> bytesConsumer(@Nullable String group, Map<String, Object> overrides) {
        return new KafkaConsumer<>(
                consumerProperties(group, overrides), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    /**
     * Consumer of one value type, {@code read_committed}, no auto-commit, from the earliest offset.
     *
     * @param group as {@link #group} names it; null for none
     */
    public <T extends SpecificRecord> Consumer<String, Decoded<T>> consumer(
            Class<T> type, @Nullable String group, Map<String, Object> overrides) {
        return new KafkaConsumer<>(
                consumerProperties(group, overrides), new StringDeserializer(), codec.tolerantDeserializer(type));
    }

    /**
     * Closes a consumer without a group at once: it has nothing to tell the brokers, and otherwise waits for a fetch that waits for
     * records, half a second for each of a dozen topics.
     */
    public static void closeAtOnce(Consumer<?, ?> consumer) {
        consumer.close(CloseOptions.timeout(Duration.ZERO));
    }

    /** Properties of a committed-only consumer, whatever it deserializes to. */
    public Map<String, Object> consumerProperties(@Nullable String group, Map<String, Object> overrides) {
        Map<String, Object> properties = connectionProperties();
        properties.put("auto.offset.reset", "earliest");
        if (group != null) {
            properties.put("group.id", group);
        }
        properties.putAll(overrides);
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", false);
        properties.put("allow.auto.create.topics", false);
        return properties;
    }

    /**
     * Share-group consumer, explicit acknowledgement, {@code record_limit}, {@code read_committed}; the group is prepared
     * by {@link #prepareShareGroup} first.
     *
     * @param group as {@link #group} names it
     */
    public <T extends SpecificRecord> ShareConsumer<String, Decoded<T>> shareConsumer(
            Class<T> type, String group, int maxPollRecords) {
        if (!preparedShareGroups.contains(group)) {
            prepareShareGroup(group);
            preparedShareGroups.add(group);
        }
        Map<String, Object> properties = connectionProperties();
        properties.put("group.id", group);
        properties.put("share.acknowledgement.mode", "explicit");
        properties.put("share.acquire.mode", "record_limit");
        properties.put("max.poll.records", maxPollRecords);
        return new KafkaShareConsumer<>(properties, new StringDeserializer(), codec.tolerantDeserializer(type));
    }

    /**
     * Sets what share groups keep on the broker: committed records only, from the earliest offset, locked for
     * {@link #SHARE_LOCK}.
     */
    public void prepareShareGroup(String group) {
        Map<String, String> wanted = Map.of(
                "share.isolation.level", "read_committed",
                "share.auto.offset.reset", "earliest",
                "share.record.lock.duration.ms", Long.toString(SHARE_LOCK.toMillis()));
        List<AlterConfigOp> changes = wanted.entrySet().stream()
                .map(entry ->
                        new AlterConfigOp(new ConfigEntry(entry.getKey(), entry.getValue()), AlterConfigOp.OpType.SET))
                .toList();
        try (Admin admin = admin()) {
            admin.incrementalAlterConfigs(Map.of(new ConfigResource(ConfigResource.Type.GROUP, group), changes))
                    .all()
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException("share group " + group + " could not be prepared", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** Serde of one value type that throws on bad bytes. */
    public <T extends SpecificRecord> Serde<T> serde(Class<T> type) {
        return codec.serde(type);
    }

    /** Serde of one value type that yields {@link Decoded}, for the sources of a topology. */
    public <T extends SpecificRecord> Serde<Decoded<T>> decodedSerde(Class<T> type) {
        return codec.decodedSerde(type);
    }

    /** Connection properties for a client that is made elsewhere (Kafka Streams); a copy that the caller may change. */
    public Map<String, Object> connectionProperties() {
        Map<String, Object> properties = new HashMap<>(settings.properties());
        properties.put("bootstrap.servers", settings.bootstrapServers());
        return properties;
    }

    /** Admin client. */
    public Admin admin() {
        return Admin.create(connectionProperties());
    }

    /** The registry, by Confluent's client; shared, not to be closed. */
    public SchemaRegistryClient registry() {
        return codec.registry();
    }
}
