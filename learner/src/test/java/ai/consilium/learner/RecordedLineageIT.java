package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.WithKafka;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A learner reads the versions that version 0.1 published, and finds every span of its groups among them. */
class RecordedLineageIT {
    private static final List<String> SPECIALTIES = List.of("pediatrics", "oncology_surgery");
    private static final long LAST = 3;

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenALogOfVersion01WhenALearnerReadsItsLineageThenEverySpanOfItsGroupsWasPublished() throws Exception {
        KafkaClients kafka = cluster.clients();
        RecordedLog log = RecordedLog.ofVersion01()
                .registeredIn(kafka.registry(), kafka.settings().prefix());
        TopicCatalogue.create(kafka, PolicyTable.of(SPECIALTIES));
        RecordedLog.produce(kafka, log.of(Topics.POLICY_UPDATES));
        RecordedLog.produce(kafka, log.of(Topics.TRAINING_GROUPS));
        try (DeadLetters deadLetters = new DeadLetters(kafka, "test")) {
            for (String specialty : SPECIALTIES) {
                Lineage lineage = new LineageReader(kafka, specialty, deadLetters)
                        .read(new Steady())
                        .orElseThrow();
                assertThat(lineage.newest()).isEqualTo(LAST);
                assertThat(lineage.at(LAST).orElseThrow().getFinalVersion()).isTrue();
                assertThat(groups(kafka, specialty, deadLetters))
                        .flatMap(TrainingGroup::getMembers)
                        .flatMap(member -> member.getSpans())
                        .isNotEmpty()
                        .allSatisfy(span -> assertThat(holds(lineage, span)).isTrue());
            }
        }
    }

    private static boolean holds(Lineage lineage, Span span) {
        return lineage.holds(span.getPolicyVersion(), span.getAdapterHash());
    }

    private static List<TrainingGroup> groups(KafkaClients kafka, String specialty, DeadLetters deadLetters) {
        List<TrainingGroup> groups = new ArrayList<>();
        try (LogReader<TrainingGroup> reader = new LogReader<>(
                kafka,
                Topics.TRAINING_GROUPS,
                TrainingGroup.class,
                deadLetters,
                PolicyTable.of(SPECIALTIES).partition(specialty),
                Map.of())) {
            while (!reader.caughtUp()) {
                reader.poll(Duration.ofMillis(100)).forEach(record -> groups.add(record.value()));
            }
        }
        return groups;
    }

    /** A thread that nobody stops. */
    private static final class Steady implements Pulse {
        @Override
        public boolean stopping() {
            return false;
        }

        @Override
        public void beat() {}

        @Override
        public void waitingFor(String cause) {}
    }
}
