package ai.consilium.platform.transaction;

import ai.consilium.platform.kafka.KafkaClients;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.internals.Topic;
import org.apache.kafka.coordinator.transaction.TransactionLog;
import org.apache.kafka.coordinator.transaction.TransactionMetadata;

/**
 * What the transaction coordinators wrote down. {@code Admin} tells only what holds now; how an earlier transaction of the same
 * producer was decided stands in the coordinators' own topic, until it is compacted.
 */
final class TransactionHistory {
    private final Map<Long, List<TransactionMetadata>> byProducer = new HashMap<>();
    private final Map<String, TransactionMetadata> latest = new HashMap<>();

    private TransactionHistory() {}

    /**
     * Reads the whole topic.
     *
     * @throws org.apache.kafka.common.KafkaException when it cannot be read, or not within the patience
     */
    static TransactionHistory read(KafkaClients kafka, Duration patience) {
        TransactionHistory history = new TransactionHistory();
        Consumer<byte[], byte[]> consumer = kafka.bytesConsumer(Map.of());
        try {
            List<TopicPartition> partitions =
                    consumer.partitionsFor(Topic.TRANSACTION_STATE_TOPIC_NAME, patience).stream()
                            .map(info -> new TopicPartition(info.topic(), info.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions, patience);
            long deadline = System.nanoTime() + patience.toNanos();
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey(), patience) < end.getValue())) {
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException(Topic.TRANSACTION_STATE_TOPIC_NAME + " was not read within " + patience);
                }
                consumer.poll(Duration.ofMillis(100)).forEach(history::add);
            }
        } finally {
            KafkaClients.closeAtOnce(consumer);
        }
        return history;
    }

    private void add(ConsumerRecord<byte[], byte[]> record) {
        ByteBuffer value = record.value() == null ? null : ByteBuffer.wrap(record.value());
        TransactionLog.ReadResult read = TransactionLog.read(ByteBuffer.wrap(record.key()), value);
        if (read instanceof TransactionLog.TxnRecord written) {
            TransactionMetadata metadata = written.metadata();
            byProducer
                    .computeIfAbsent(metadata.producerId(), id -> new ArrayList<>())
                    .add(metadata);
            latest.put(metadata.transactionalId(), metadata);
        } else if (read instanceof TransactionLog.TxnTombstone tombstone) {
            latest.remove(tombstone.transactionId());
        }
    }

    /** What is left of what was written about a producer, oldest first. */
    List<TransactionMetadata> of(long producerId) {
        return byProducer.getOrDefault(producerId, List.of());
    }

    /** Where a transaction is by what was written last about its transactional id. */
    TransactionStage stage(OpenTransaction transaction) {
        return latest.values().stream()
                .filter(metadata -> metadata.producerId() == transaction.producerId())
                .filter(metadata -> metadata.topicPartitions().contains(transaction.partition()))
                .map(metadata -> stage(transaction, metadata))
                .findFirst()
                .orElse(TransactionStage.OVER);
    }

    /** To end a transaction may raise its producer's epoch; a later transaction has a higher one as well, but is open. */
    private static TransactionStage stage(OpenTransaction transaction, TransactionMetadata metadata) {
        int epochs = metadata.producerEpoch() - transaction.producerEpoch();
        return switch (metadata.state()) {
            case ONGOING -> epochs == 0 ? TransactionStage.OPEN : TransactionStage.OVER;
            case PREPARE_COMMIT, PREPARE_ABORT, PREPARE_EPOCH_FENCE ->
                epochs == 0 || epochs == 1 ? TransactionStage.ENDING : TransactionStage.OVER;
            default -> TransactionStage.OVER;
        };
    }
}
