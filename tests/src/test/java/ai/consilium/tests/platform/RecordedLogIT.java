package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.Test;

/** Today's schemas follow those of version 0.1 in its registry, and today's readers read its log. */
class RecordedLogIT {
    static final List<String> SPECIALTIES = List.of("pediatrics", "oncology_surgery");

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenALogOfVersion01WhenTodaysCatalogueMeetsItThenEveryRecordIsReadWithDefaults() throws Exception {
        KafkaClients kafka = cluster.clients();
        RecordedLog log = RecordedLog.ofVersion01()
                .registeredIn(kafka.registry(), kafka.settings().prefix());
        TopicCatalogue.create(kafka, PolicyTable.of(SPECIALTIES));
        RecordedLog.produce(kafka, log.records());

        try (DeadLetters deadLetters = new DeadLetters(kafka, "test")) {
            for (Topics topic : Topics.values()) {
                List<SpecificRecord> values = read(kafka, topic, topic.valueType(), deadLetters);
                long recorded = log.of(topic).stream()
                        .filter(record -> record.value() != null)
                        .count();
                assertThat(values).as(topic.baseName()).hasSize((int) recorded).allSatisfy(RecordedLogIT::hasDefaults);
            }
        }
        assertThat(log.of(Topics.DEAD_LETTERS)).isEmpty();
        assertThat(ManifestLog.newest(kafka)).isEmpty();
    }

    private static void hasDefaults(SpecificRecord value) {
        if (value instanceof Prompt prompt) {
            assertThat(PolicyTable.policyOf(prompt)).isEqualTo(prompt.getSpecialty());
            assertThat(prompt.getPurpose()).isEqualTo(Purpose.RL);
            assertThat(prompt.getRound()).isZero();
        } else if (value instanceof Trajectory trajectory) {
            assertThat(PolicyTable.policyOf(trajectory)).isEqualTo(trajectory.getSpecialty());
            assertThat(trajectory.getPurpose()).isEqualTo(Purpose.RL);
            assertThat(trajectory.getRound()).isZero();
        } else if (value instanceof TrainingGroup group) {
            assertThat(PolicyTable.policyOf(group)).isEqualTo(group.getSpecialty());
            assertThat(group.getPurpose()).isEqualTo(Purpose.RL);
            assertThat(group.getRound()).isZero();
        } else if (value instanceof Scores scores) {
            assertThat(scores.getScores()).isNotEmpty().noneMatch(Score::getLate);
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
