package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** All that is on a topic of a run by now: the committed records, partition by partition in their order. Unusable ones are logged. */
public final class TopicContent {
    private TopicContent() {}

    /** Hands over the values, one by one. */
    public static <T extends SpecificRecord> void read(
            KafkaClients kafka, Topics topic, Class<T> type, Consumer<T> into) {
        records(kafka, topic, type, null, record -> into.accept(record.value()));
    }

    /**
     * Hands over the records, one by one.
     *
     * @param partition null for all
     */
    public static <T extends SpecificRecord> void records(
            KafkaClients kafka,
            Topics topic,
            Class<T> type,
            @Nullable Integer partition,
            Consumer<ConsumerRecord<String, T>> into) {
        batches(kafka, topic, type, partition, batch -> batch.forEach(into));
    }

    /**
     * Hands over the records as they come, some at a time, so that a topic need not fit into memory.
     *
     * @param partition null for all
     */
    public static <T extends SpecificRecord> void batches(
            KafkaClients kafka,
            Topics topic,
            Class<T> type,
            @Nullable Integer partition,
            Consumer<List<ConsumerRecord<String, T>>> into) {
        try (LogReader<T> log = new LogReader<>(kafka, topic, type, UnusableRecords.LOGGED, partition, Map.of())) {
            log.readToEnd(into);
        }
    }
}
