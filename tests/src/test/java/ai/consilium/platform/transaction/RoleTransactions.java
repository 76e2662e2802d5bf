package ai.consilium.platform.transaction;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.coordinator.transaction.TransactionLog;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.apache.kafka.coordinator.transaction.TxnTransitMetadata;
import org.apache.kafka.server.common.TransactionVersion;
import org.jspecify.annotations.Nullable;

/** Transactions as the roles write them, left at any point that a kill may leave them at. */
final class RoleTransactions {
    /** What the advantage stream commits of {@link #input}. */
    static final long OFFSET = 7;

    /** The client whose writes to internal topics brokers take. */
    private static final String INTERNAL_CLIENT = "__admin_client";

    /** Who writes in transactions, and where to. */
    enum Role {
        SCHEDULER("scheduler", Topics.PROMPTS, Topics.GROUP_OUTCOMES),
        LEARNER("learner-pediatrics", Topics.ADAPTERS, Topics.POLICY_UPDATES, Topics.GROUP_OUTCOMES),
        MERGER("merger", Topics.ADAPTERS, Topics.POLICY_UPDATES, Topics.RUN_EVENTS),
        ADVANTAGE("advantage-0b9a4a3e-1", Topics.TRAINING_GROUPS, Topics.GROUP_OUTCOMES);

        final String id;
        final List<Topics> topics;

        Role(String id, Topics... topics) {
            this.id = id;
            this.topics = List.of(topics);
        }
    }

    private final Supplier<KafkaClients> kafka;
    private final List<Producer<String, String>> open = new ArrayList<>();

    /** @param kafka clients of the broker that runs at the time */
    RoleTransactions(Supplier<KafkaClients> kafka) {
        this.kafka = kafka;
    }

    /** The role's producer. */
    Producer<String, String> writer(Role role) {
        Map<String, Object> properties = kafka.get().connectionProperties();
        properties.put("transactional.id", kafka.get().group(role.id));
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    /** Begins a transaction and leaves it open. @return its producer, as a partition knows it */
    ProducerState begin(Role role) throws Exception {
        Producer<String, String> producer = writer(role);
        open.add(producer);
        producer.initTransactions();
        write(role, producer);
        producer.flush();
        TopicPartition first = new TopicPartition(kafka.get().topic(role.topics.get(0)), 0);
        try (Admin admin = kafka.get().admin()) {
            return admin.describeProducers(List.of(first)).partitionResult(first).get().activeProducers().stream()
                    .filter(state -> state.currentTransactionStartOffset().isPresent())
                    .max(Comparator.comparing(ProducerState::producerId))
                    .orElseThrow();
        }
    }

    /** Begins a transaction: a record on each of the role's topics, and offsets where the role commits any. */
    void write(Role role, Producer<String, String> producer) {
        producer.beginTransaction();
        for (Topics topic : role.topics) {
            producer.send(new ProducerRecord<>(kafka.get().topic(topic), 0, role.id, "any"));
        }
        if (role == Role.ADVANTAGE) {
            producer.sendOffsetsToTransaction(
                    Map.of(input(), new OffsetAndMetadata(OFFSET)),
                    new ConsumerGroupMetadata(kafka.get().group("advantage")));
        }
    }

    /** What the advantage stream reads. */
    TopicPartition input() {
        return new TopicPartition(kafka.get().topic(Topics.SCORES), 0);
    }

    /** What a role's transaction writes to. */
    Set<TopicPartition> partitions(Role role) {
        Set<TopicPartition> partitions = new HashSet<>();
        role.topics.forEach(
                topic -> partitions.add(new TopicPartition(kafka.get().topic(topic), 0)));
        if (role == Role.ADVANTAGE) {
            partitions.add(new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, 0));
        }
        return partitions;
    }

    /**
     * Writes what the coordinator would have written before the kill; it learns of it when it starts.
     *
     * @param epochs by which the end raised the producer's epoch
     */
    void record(Role role, ProducerState open, TransactionState state, int epochs, Set<TopicPartition> partitions)
            throws Exception {
        long now = System.currentTimeMillis();
        TxnTransitMetadata metadata = new TxnTransitMetadata(
                open.producerId(),
                open.producerId(),
                -1,
                (short) (open.producerEpoch() + epochs),
                (short) -1,
                60_000,
                state,
                new HashSet<>(partitions),
                now,
                now,
                TransactionVersion.TV_2);
        log(role, TransactionLog.valueToBytes(metadata, TransactionVersion.TV_2));
    }

    /** Has the coordinator lose the role's transactional id. */
    void forget(Role role) throws Exception {
        log(role, null);
    }

    private void log(Role role, byte @Nullable [] value) throws Exception {
        Map<String, Object> properties = kafka.get().connectionProperties();
        properties.put("client.id", INTERNAL_CLIENT);
        byte[] key = TransactionLog.keyToBytes(kafka.get().group(role.id));
        try (Producer<byte[], byte[]> coordinator =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            coordinator
                    .send(new ProducerRecord<>(Topic.TRANSACTION_STATE_TOPIC_NAME, 0, key, value))
                    .get();
        }
    }

    /** Drops the producers without ending their transactions, as a kill does. */
    void abandon() {
        open.forEach(producer -> producer.close(Duration.ZERO));
        open.clear();
    }
}
