package ai.consilium.platform.kafka;

import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/** Which records have a dead letter, whoever wrote it. One thread at a time. */
final class LetterIndex implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(200);

    private final Consumer<String, Decoded<DeadLetter>> consumer;
    private final List<TopicPartition> partitions;
    private final Set<String> places = new HashSet<>();

    LetterIndex(KafkaClients clients) {
        this.consumer = clients.consumer(DeadLetter.class, null, Map.of());
        try {
            this.partitions = LogReader.partitionsOf(consumer, clients.topic(Topics.DEAD_LETTERS));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (RuntimeException e) {
            KafkaClients.closeAtOnce(consumer);
            throw e;
        }
    }

    /** Whether a record ({@link SourceRecord#place}) has a letter by now. */
    boolean contains(String place) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        while (partitions.stream().anyMatch(it -> consumer.position(it) < ends.getOrDefault(it, 0L))) {
            for (ConsumerRecord<String, Decoded<DeadLetter>> record : consumer.poll(POLL)) {
                DeadLetter letter =
                        record.value() == null ? null : record.value().value();
                if (letter != null) {
                    places.add(SourceRecord.place(letter));
                }
            }
        }
        return places.contains(place);
    }

    /** A letter was written that may not be visible yet, behind a transaction. */
    void add(String place) {
        places.add(place);
    }

    @Override
    public void close() {
        KafkaClients.closeAtOnce(consumer);
    }
}
