package ai.consilium.platform.kafka;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.LoggerFactory;

/** What a reader does with a record that it cannot use, before it goes on with the next. */
@FunctionalInterface
public interface UnusableRecords {
    /** For those who only look at a log: a warning, and nothing is written. */
    UnusableRecords LOGGED = (record, reason) -> LoggerFactory.getLogger(UnusableRecords.class)
            .atWarn()
            .addKeyValue("topic", record.topic())
            .addKeyValue("partition", record.partition())
            .addKeyValue("offset", record.offset())
            .addKeyValue("reason", reason)
            .log("unusable record skipped");

    /** Takes one. */
    void put(ConsumerRecord<String, ? extends Decoded<?>> record, String reason);
}
