package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.runlog.GroupAccounting;
import ai.consilium.runlog.PublishedVersions;
import ai.consilium.runlog.RunEnd;
import ai.consilium.runlog.TrainingStep;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RecordedLog;
import ai.consilium.testing.WithKafka;
import java.util.Comparator;
import java.util.List;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** What is read of a run's log from outside, here of a finished run of version 0.1. */
class RunlogIT {
    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenAFinishedRunWhenItsLogIsReadThenItIsToldAndNothingIsWritten() throws Exception {
        KafkaClients kafka = cluster.clients();
        RecordedLog log = RecordedLog.ofVersion01()
                .registeredIn(kafka.registry(), kafka.settings().prefix());
        TopicCatalogue.create(kafka, PolicyTable.of(RecordedLogIT.SPECIALTIES));
        RecordedLog.produce(kafka, log.records());
        GroupAccounting before = GroupAccounting.describe(kafka);
        poison(kafka, Topics.POLICY_UPDATES);
        poison(kafka, Topics.RUN_EVENTS);

        List<TrainingStep> steps = TrainingStep.read(kafka);
        PublishedVersions versions = PublishedVersions.read(kafka);
        try (RunEnd end = new RunEnd(kafka)) {
            Awaitility.await().until(end::reached);
        }

        assertThat(before.balanced()).isTrue();
        assertThat(before.outcomes().get("trained")).isPositive();
        assertThat(steps)
                .isSortedAccordingTo(
                        Comparator.comparing(TrainingStep::specialty).thenComparingLong(TrainingStep::version))
                .allSatisfy(step -> assertThat(step.figures()).containsKey("pg_loss"));
        assertThat(versions.dsa()).containsOnlyKeys("pediatrics", "oncology_surgery");
        assertThat(versions.rl()).containsOnlyKeys("pediatrics", "oncology_surgery");
        for (String specialty : RecordedLogIT.SPECIALTIES) {
            assertThat(versions.rl().get(specialty).getVersion())
                    .isEqualTo(steps.stream()
                            .filter(step -> step.specialty().equals(specialty))
                            .mapToLong(TrainingStep::version)
                            .max()
                            .orElseThrow());
            // Version 0.1 spelt it so.
            assertThat(versions.rl().get(specialty).getWriter()).startsWith("learner ");
        }
        assertThat(versions.shared()).isPresent();
        assertThat(versions.merged()).isPresent();
        assertThat(GroupAccounting.describe(kafka).records().get(Topics.DEAD_LETTERS.baseName()))
                .isZero();
    }

    private static void poison(KafkaClients kafka, Topics topic) throws Exception {
        try (var producer =
                new KafkaProducer<>(kafka.connectionProperties(), new StringSerializer(), new ByteArraySerializer())) {
            producer.send(new ProducerRecord<>(kafka.topic(topic), "bad", new byte[] {1, 2, 3}))
                    .get();
        }
    }
}
