package ai.consilium.platform.transaction;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.transaction.RoleTransactions.Role;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
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
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.coordinator.transaction.TransactionState;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A broker is killed while each role's transaction is open, decided, or forgotten; the next start goes on in every case. */
class HangingTransactionsIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @WithKafka(own = true)
    private static EmbeddedCluster cluster;

    private String prefix;
    private RoleTransactions transactions;

    @BeforeEach
    void createTopics() {
        prefix = "t" + UUID.randomUUID().toString().substring(0, 8);
        transactions = new RoleTransactions(this::kafka);
        TopicCatalogue.create(kafka(), PolicyTable.of(List.of("pediatrics")));
    }

    @Test
    void givenTransactionsOpenAtTheKillWhenTheirOwnersReturnThenTheyAreAbortedAndTheOwnersGoOn() throws Exception {
        for (Role role : Role.values()) {
            transactions.begin(role);
        }
        kill();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            try (Producer<String, String> successor = transactions.writer(role)) {
                successor.initTransactions();
                transactions.write(role, successor);
                successor.commitTransaction();
            }
        }
        for (Role role : Role.values()) {
            assertEnded(role, 1);
        }
    }

    @Test
    void givenCommitsDecidedBeforeTheKillWhenTheBrokerStartsThenTheyAreCommitted() throws Exception {
        for (Role role : Role.values()) {
            transactions.record(
                    role, transactions.begin(role), TransactionState.PREPARE_COMMIT, 1, transactions.partitions(role));
        }
        kill();

        for (Role role : Role.values()) {
            assertEnded(role, 1);
        }
    }

    @Test
    void givenCommitsWhoseMarkersWereLostWhenTheRunStartsThenTheyAreCommitted() throws Exception {
        for (Role role : Role.values()) {
            ProducerState open = transactions.begin(role);
            transactions.record(role, open, TransactionState.PREPARE_COMMIT, 1, transactions.partitions(role));
            transactions.record(role, open, TransactionState.COMPLETE_COMMIT, 1, Set.of());
        }
        kill();
        assertThat(committed(Role.SCHEDULER)).as("held").isZero();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            assertEnded(role, 1);
        }
    }

    @Test
    void givenAbortsWhoseMarkersWereLostWhenTheRunStartsThenTheyAreAborted() throws Exception {
        for (Role role : Role.values()) {
            transactions.record(role, transactions.begin(role), TransactionState.COMPLETE_ABORT, 1, Set.of());
        }
        kill();

        HangingTransactions.end(kafka());
        for (Role role : Role.values()) {
            assertEnded(role, 0);
        }
    }

    @Test
    void givenTransactionThatNoCoordinatorKnowsWhenTheRunStartsThenItIsAborted() throws Exception {
        transactions.begin(Role.LEARNER);
        transactions.forget(Role.LEARNER);
        kill();

        HangingTransactions.end(kafka());
        assertEnded(Role.LEARNER, 0);
    }

    @Test
    void givenTransactionWhoseDecisionIsLostWhenTheRunStartsThenItIsRefusedInOneLineThatNamesTheTransaction()
            throws Exception {
        ProducerState open = transactions.begin(Role.MERGER);
        transactions.record(Role.MERGER, open, TransactionState.EMPTY, 5, Set.of());
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
    void givenTransactionThatItsCoordinatorNeverEndsWhenTheRunStartsThenItIsRefusedAfterThePatience() throws Exception {
        ProducerState open = transactions.begin(Role.SCHEDULER);
        // A state that a coordinator does not take up again after a restart.
        transactions.record(
                Role.SCHEDULER, open, TransactionState.PREPARE_EPOCH_FENCE, 0, transactions.partitions(Role.SCHEDULER));
        kill();

        assertThatThrownBy(() -> HangingTransactions.end(kafka(), Duration.ofSeconds(2)))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("its coordinator is ending")
                .hasMessageContaining("producer id " + open.producerId());
    }

    @Test
    void givenLiveProducerWhenAnotherRoleStartsThenItsTransactionIsLeftAlone() throws Exception {
        try (Producer<String, String> live = transactions.writer(Role.LEARNER)) {
            live.initTransactions();
            transactions.write(Role.LEARNER, live);
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
        transactions.abandon();
    }

    /** Nothing holds the role's partitions, nor the offsets of its group, and each topic has so many of its records. */
    private void assertEnded(Role role, int records) throws Exception {
        await().atMost(SOON).untilAsserted(() -> {
            for (TopicPartition partition : transactions.partitions(role)) {
                assertThat(end(partition, "read_committed"))
                        .as("end of %s", partition)
                        .isEqualTo(end(partition, "read_uncommitted"));
            }
        });
        assertThat(committed(role)).as("committed records of %s", role).isEqualTo(records);
        if (role == Role.ADVANTAGE) {
            assertThat(stableOffset())
                    .isEqualTo(Optional.of(RoleTransactions.OFFSET).filter(offset -> records > 0));
        }
    }

    private Optional<Long> stableOffset() throws Exception {
        String group = kafka().group("advantage");
        try (Admin admin = kafka().admin()) {
            OffsetAndMetadata offset = admin.listConsumerGroupOffsets(
                            Map.of(
                                    group,
                                    new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(transactions.input()))),
                            new ListConsumerGroupOffsetsOptions().requireStable(true))
                    .partitionsToOffsetAndMetadata(group)
                    .get()
                    .get(transactions.input());
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
        properties.put("fetch.max.wait.ms", 20); // closing waits for a fetch that is under way
        properties.put("enable.auto.commit", false);
        return new KafkaConsumer<>(properties, new StringDeserializer(), new StringDeserializer());
    }
}
