package ai.consilium.runlog.provenance;

import ai.consilium.schemas.Topics;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Where a record lies.
 *
 * @param topic without the run's prefix
 */
public record LogPlace(String topic, int partition, long offset) {
    /** The place of a record. */
    public static LogPlace of(Topics topic, ConsumerRecord<?, ?> record) {
        return new LogPlace(topic.baseName(), record.partition(), record.offset());
    }

    /** For people: {@code scores/2@99}. */
    @Override
    public String toString() {
        return topic + "/" + partition + "@" + offset;
    }
}
