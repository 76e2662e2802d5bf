package ai.consilium.platform.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.coordinator.transaction.TransactionLog;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.apache.kafka.coordinator.transaction.TxnTransitMetadata;
import org.apache.kafka.server.common.TransactionVersion;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker is killed while each role's transaction is open, decided, or forgotten; the next start goes on in every case. */
class HangingTransactionsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** What brokers let write to internal topics. */
    private static final String INTERNAL_CLIENT = "__admin_client";

    private static final long OFFSET = 7;

    @WithKafka(own = true)
    private static EmbeddedCluster cluster;

    private final List<Producer<String, String>> orphans = new ArrayList<>();
    private String prefix;

    /** Who writes in transactions, and where to. */
    enum Role {
        SCHEDULER("scheduler", Topics.PROMPTS, Topics.GROUP_OUTCOMES),
        LEARNER("learner-pediatrics", Topics.ADAPTERS, Topics.POLICY_UPDATES, Topics.GROUP_OUTCOMES),
        MERGER("merger", Topics.ADAPTERS, Topics.POLICY_UPDATES, Topics.RUN_EVENTS),
        ADVANTAGE("advantage-0b9a4a3e-1", Topics.TRAINING_GROUPS, Topics.GROUP_OUTCOMES);

        private final String id;
        private final List<Topics> topics;

        Role(String id, Topics... topics) {
            this.id = id;
            this.topics = List.of(topics);
        }
    }

    @BeforeEach
    void createTopics() {
        prefix = "t" + UUID.randomUUID().toString().substring(0, 8);
        TopicCatalogue.create(kafka(), PolicyTable.of(List.of("pediatrics")));
    }

    @Test
    void givenTransactionsOpenAtTheKill_whenTheirOwnersReturn_thenTheyAreAbortedAndTheOwnersGoOn() throws Exception {
        for (Role role : Role.values()) {
            begin(role);
        }
        kill();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            try (Producer<String, String> successor = writer(role)) {
                successor.initTransactions();
                write(role, successor);
                successor.commitTransaction();
            }
            assertEnded(role, 1);
        }
    }

    @Test
    void givenCommitsDecidedBeforeTheKill_whenTheBrokerStarts_thenTheyAreCommitted() throws Exception {
        for (Role role : Role.values()) {
            record(role, begin(role), TransactionState.PREPARE_COMMIT, 1, partitions(role));
        }
        kill();

        for (Role role : Role.values()) {
            assertEnded(role, 1);
        }
    }

    @Test
    void givenCommitsWhoseMarkersWereLost_whenTheRunStarts_thenTheyAreCommitted() throws Exception {
        for (Role role : Role.values()) {
            ProducerState open = begin(role);
            record(role, open, TransactionState.PREPARE_COMMIT, 1, partitions(role));
            record(role, open, TransactionState.COMPLETE_COMMIT, 1, Set.of());
        }
        kill();
        assertThat(committed(Role.SCHEDULER)).as("held").isZero();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            assertEnded(role, 1);
        }
    }

    @Test
    void givenAbortsWhoseMarkersWereLost_whenTheRunStarts_thenTheyAreAborted() throws Exception {
        for (Role role : Role.values()) {
            record(role, begin(role), TransactionState.COMPLETE_ABORT, 1, Set.of());
        }
        kill();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            assertEnded(role, 0);
        }
    }

    @Test
    void givenTransactionThatNoCoordinatorKnows_whenTheRunStarts_thenItIsAborted() throws Exception {
        begin(Role.LEARNER);
        log(Role.LEARNER, null);
        kill();

        HangingTransactions.end(kafka());
        assertEnded(Role.LEARNER, 0);
    }

    @Test
    void givenTransactionWhoseDecisionIsLost_whenTheRunStarts_thenItIsRefusedInOneLineThatNamesTheTransaction()
            throws Exception {
        ProducerState open = begin(Role.MERGER);
        record(Role.MERGER, open, TransactionState.EMPTY, 5, Set.of());
        kill();

        assertThatThrownBy(() -> HangingTransactions.end(kafka()))
                .isInstanceOf(UsageException.class)
                .message()
                .contains(
                        "-0 is held by a transaction",
                        "transactional id " + kafka().group(Role.MERGER.id),
                        "producer id " + open.producerId(),
                        "last write at ")
                .doesNotContain("\n");
        assertThat(committed(Role.MERGER)).as("left as it was").isZero();
    }

    @Test
    void givenTransactionThatItsCoordinatorNeverEnds_whenTheRunStarts_thenItIsRefusedAfterThePatience()
            throws Exception {
        ProducerState open = begin(Role.SCHEDULER);
        // A state that a coordinator does not take up again after a restart.
        record(Role.SCHEDULER, open, TransactionState.PREPARE_EPOCH_FENCE, 0, partitions(Role.SCHEDULER));
        kill();

        assertThatThrownBy(() -> HangingTransactions.end(kafka(), Duration.ofSeconds(2)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("its coordinator is ending")
                .hasMessageContaining("producer id " + open.producerId());
    }

    @Test
    void givenLiveProducer_whenAnotherRoleStarts_thenItsTransactionIsLeftAlone() throws Exception {
        try (Producer<String, String> live = writer(Role.LEARNER)) {
            live.initTransactions();
            write(Role.LEARNER, live);
            live.flush();

            HangingTransactions.end(kafka());

            live.commitTransaction();
        }
        assertEnded(Role.LEARNER, 1);
    }

    private KafkaClients kafka() {
        return cluster.clients(prefix);
    }

    /** The producers die with the broker: closed in order, they would end their transactions. */
    private void kill() {
        cluster.restartAsAfterKill();
        orphans.forEach(producer -> producer.close(Duration.ZERO));
        orphans.clear();
    }

    private Producer<String, String> writer(Role role) {
        Map<String, Object> properties = kafka().connectionProperties();
        properties.put("transactional.id", kafka().group(role.id));
        return new KafkaProducer<>(properties, new StringSerializer(), new StringSerializer());
    }

    /** Leaves a transaction open. @return its producer, as a partition knows it */
    private ProducerState begin(Role role) throws Exception {
        Producer<String, String> producer = writer(role);
        orphans.add(producer);
        producer.initTransactions();
        write(role, producer);
        producer.flush();
        TopicPartition first = new TopicPartition(kafka().topic(role.topics.get(0)), 0);
        try (Admin admin = kafka().admin()) {
            return admin.describeProducers(List.of(first)).partitionResult(first).get().activeProducers().stream()
                    .filter(state -> state.currentTransactionStartOffset().isPresent())
                    .max(Comparator.comparing(ProducerState::producerId))
                    .orElseThrow();
        }
    }

    private void write(Role role, Producer<String, String> producer) {
        producer.beginTransaction();
        for (Topics topic : role.topics) {
            producer.send(new ProducerRecord<>(kafka().topic(topic), 0, role.id, "any"));
        }
        if (role == Role.ADVANTAGE) {
            producer.sendOffsetsToTransaction(
                    Map.of(input(), new OffsetAndMetadata(OFFSET)),
                    new ConsumerGroupMetadata(kafka().group("advantage")));
        }
    }

    private TopicPartition input() {
        return new TopicPartition(kafka().topic(Topics.SCORES), 0);
    }

    private Set<TopicPartition> partitions(Role role) {
        Set<TopicPartition> partitions = new HashSet<>();
        role.topics.forEach(topic -> partitions.add(new TopicPartition(kafka().topic(topic), 0)));
        if (role == Role.ADVANTAGE) {
            partitions.add(new TopicPartition(Topic.GROUP_METADATA_TOPIC_NAME, 0));
        }
        return partitions;
    }

    /** Writes what the coordinator would have written before the kill; it learns of it when it starts. */
    private void record(
            Role role, ProducerState open, TransactionState state, int epochs, Set<TopicPartition> partitions)
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

    private void log(Role role, byte @Nullable [] value) throws Exception {
        Map<String, Object> properties = kafka().connectionProperties();
        properties.put("client.id", INTERNAL_CLIENT);
        byte[] key = TransactionLog.keyToBytes(kafka().group(role.id));
        try (Producer<byte[], byte[]> coordinator =
                new KafkaProducer<>(properties, new ByteArraySerializer(), new ByteArraySerializer())) {
            coordinator
                    .send(new ProducerRecord<>(Topic.TRANSACTION_STATE_TOPIC_NAME, 0, key, value))
                    .get();
        }
    }

    /** Nothing holds the role's partitions, nor the offsets of its group, and each topic has so many of its records. */
    private void assertEnded(Role role, int records) throws Exception {
        await().atMost(SOON).untilAsserted(() -> {
            for (TopicPartition partition : partitions(role)) {
                assertThat(end(partition, "read_committed"))
                        .as("end of %s", partition)
                        .isEqualTo(end(partition, "read_uncommitted"));
            }
        });
        assertThat(committed(role)).as("committed records of %s", role).isEqualTo(records);
        if (role == Role.ADVANTAGE) {
            assertThat(stableOffset()).isEqualTo(Optional.of(OFFSET).filter(offset -> records > 0));
        }
    }

    private Optional<Long> stableOffset() throws Exception {
        String group = kafka().group("advantage");
        try (Admin admin = kafka().admin()) {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(
                            Map.of(group, new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(input()))),
                            new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata(group)
                    .get()
                    .get(input());
            return Optional.ofNullable(offset).map(OffsetAndMetadata::offset);
        }
    }

    private long end(TopicPartition partition, String isolation) {
        try (Consumer<String, String> consumer = reader(isolation)) {
            return end(consumer, partition);
        }
    }

    private static long end(Consumer<String, String> consumer, TopicPartition partition) {
        return consumer.endOffsets(List.of(partition)).values().iterator().next();
    }

    /** Committed records of a role on each of its topics. */
    private int committed(Role role) {
        Set<Integer> counts = new HashSet<>();
        for (Topics topic : role.topics) {
            TopicPartition partition = new TopicPartition(kafka().topic(topic), 0);
            try (Consumer<String, String> consumer = reader("read_committed")) {
                consumer.assign(List.of(partition));
                consumer.seekToBeginning(List.of(partition));
                long end = end(consumer, partition);
                int count = 0;
                while (consumer.position(partition) < end) {
                    for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                        count += record.key().equals(role.id) ? 1 : 0;
                    }
                }
                counts.add(count);
            }
        }
        assertThat(counts).as("records on %s", role.topics).hasSize(1);
        return counts.iterator().next();
    }

    private Consumer<String, String> reader(String isolation) {
        Map<String, Object> properties = kafka().connectionProperties();
        properties.put("isolation.level", isolation);
        properties.put("enable.auto.commit", false);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }
}
