package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;

/** All that is on a topic of a run by now. */
final class TopicContent {
    private static final Duration POLL = Duration.ofMillis(200);

    private TopicContent() {}

    /** Hands over the committed records from the beginning to the present end; unusable ones are logged and skipped. */
    static <T extends SpecificRecord> void read(KafkaClients kafka, Topics topic, Class<T> type, Consumer<T> into) {
        try (LogReader<T> log = new LogReader<>(kafka, topic, type, UnusableRecords.LOGGED, null, Map.of())) {
            do {
                log.poll(POLL).forEach(record -> into.accept(record.value()));
            } while (!log.caughtUp());
        }
    }
}
