package ai.consilium.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Today's schemas follow those of version 0.1 in its registry, and today's readers read its log. */
class RecordedLogIT {
    private static final List<String> SPECIALTIES = List.of("pediatrics", "oncology_surgery");

    @Test
    void givenALogOfVersion01_whenTodaysCatalogueMeetsIt_thenEveryRecordIsReadWithDefaults() throws Exception {
        try (EmbeddedCluster cluster = EmbeddedCluster.start()) {
            KafkaClients kafka = cluster.clients();
            RecordedLog log = RecordedLog.ofVersion01()
                    .registeredIn(kafka.registry(), kafka.settings().prefix());
            TopicCatalogue.create(kafka, PolicyTable.of(SPECIALTIES));
            RecordedLog.produce(kafka, log.records());

            try (DeadLetters deadLetters = new DeadLetters(kafka, "test")) {
                for (Topics topic : Topics.values()) {
                    List<SpecificRecord> values = read(kafka, topic, topic.valueType(), deadLetters);
                    assertThat(values).as(topic.baseName()).hasSize((int) log.of(topic).stream()
                            .filter(record -> record.value() != null)
                            .count());
                }
            }
            assertThat(log.of(Topics.DEAD_LETTERS)).isEmpty();
        }
    }

    private static <T extends SpecificRecord> List<SpecificRecord> read(
            KafkaClients kafka, Topics topic, Class<T> type, DeadLetters deadLetters) {
        List<SpecificRecord> values = new ArrayList<>();
        try (LogReader<T> reader = new LogReader<>(kafka, topic, type, deadLetters, null, Map.of())) {
            while (!reader.caughtUp()) {
                reader.poll(Duration.ofMillis(100)).forEach(record -> values.add(record.value()));
            }
        }
        return values;
    }
}
