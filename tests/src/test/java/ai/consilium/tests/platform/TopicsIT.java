package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.runlog.GroupAccounting;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicsIT {
    private static final List<String> SPECIALTIES = List.of("adult_medicine", "pediatrics");

    @WithKafka
    private static EmbeddedCluster cluster;

    @Test
    void givenARunWhenDescribedThenMarkersAndLaterOutcomesDoNotCount() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        KafkaClients kafka = run.kafka();
        String prompts = kafka.topic(Topics.PROMPTS);
        String outcomes = kafka.topic(Topics.GROUP_OUTCOMES);
        try (var producer = kafka.transactionalProducer(kafka.group("writer"));
                var events = new RunEvents(run, "learner")) {
            producer.initTransactions();
            for (String group : List.of("a", "b", "c")) {
                producer.beginTransaction();
                send(producer, prompts, group, RunRecords.prompt(group, "pediatrics"));
                producer.commitTransaction();
            }
            producer.beginTransaction();
            send(producer, outcomes, "a", RunRecords.outcome("a", Outcome.TRAINED));
            send(producer, outcomes, "a", RunRecords.outcome("a", Outcome.STALE));
            send(producer, outcomes, "b", RunRecords.outcome("b", Outcome.FILTERED));
            producer.commitTransaction();
            events.emit(EventKind.STARTED, "learner started", Map.of("steps", 3.0), Map.of("device", "cpu"));
        }

        GroupAccounting open = GroupAccounting.describe(kafka);
        assertThat(open.records())
                .containsEntry("prompts", 3L)
                .containsEntry("group-outcomes", 3L)
                .containsEntry("run-events", 1L)
                .containsEntry("adapters", 0L)
                .hasSize(Topics.values().length);
        assertThat(open.prompts()).isEqualTo(3);
        assertThat(open.outcomes())
                .containsEntry("trained", 1L)
                .containsEntry("stale", 0L)
                .containsEntry("filtered", 1L)
                .hasSize(Outcome.values().length);
        assertThat(open.balanced()).isFalse();

        try (var producer = kafka.producer("writer")) {
            send(producer, outcomes, "c", RunRecords.outcome("c", Outcome.UNUSED));
        }
        assertThat(GroupAccounting.describe(kafka).balanced()).isTrue();
    }

    @Test
    void givenTopicsOfAnotherConfigurationWhenCreatedThenTheDifferenceIsNamed() {
        RunContext run = cluster.run("adult_medicine", "pediatrics");
        TopicCatalogue.create(run.kafka(), PolicyTable.of(SPECIALTIES));
        assertThatThrownBy(() -> TopicCatalogue.create(run.kafka(), PolicyTable.of(List.of("pediatrics"))))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("run_id: ")
                .hasMessageContaining("-adapters has 3 partitions, wanted 2");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "GROUP_OUTCOMES  | retention.ms        | 86400000       | -group-outcomes: retention.ms is 86400000, wanted -1",
                "SCORES          | retention.ms        | 3600000        | -scores: retention.ms is 3600000, wanted 604800000 or more, or -1",
                "TRAJECTORIES    | retention.bytes     | 1000000        | -trajectories: retention.bytes is 1000000, wanted -1",
                "SCORES          | cleanup.policy      | compact        | -scores: cleanup.policy is compact, wanted delete",
                "ADAPTERS        | cleanup.policy      | delete         | -adapters: cleanup.policy is delete, wanted compact",
                "ADAPTERS        | cleanup.policy      | compact,delete | -adapters: cleanup.policy is compact,delete, wanted compact",
                "TRAINING_GROUPS | max.message.bytes   | 1048588        | -training-groups: max.message.bytes is 1048588, wanted 4194304 or more",
                "POLICY_UPDATES  | min.insync.replicas | 2              | -policy-updates: min.insync.replicas is 2, and partitions have 1 replica",
            })
    void givenATopicThatWasMadeBadlyBeforehandThenItIsRefusedByKey(
            Topics topic, String key, String value, String problem) throws Exception {
        KafkaClients kafka = cluster.run("adult_medicine", "pediatrics").kafka();
        TopicCatalogue.create(kafka, PolicyTable.of(SPECIALTIES));
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, kafka.topic(topic));
        try (Admin admin = kafka.admin()) {
            AlterConfigOp alter = new AlterConfigOp(new ConfigEntry(key, value), AlterConfigOp.OpType.SET);
            admin.incrementalAlterConfigs(Map.of(resource, List.of(alter)))
                    .all()
                    .get();
            // The controller has it before the broker tells it.
            await().until(() -> admin.describeConfigs(List.of(resource))
                    .all()
                    .get()
                    .get(resource)
                    .get(key)
                    .value()
                    .equals(value));
        }

        assertThatThrownBy(() -> TopicCatalogue.create(kafka, PolicyTable.of(SPECIALTIES)))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("run_id: ")
                .hasMessageContaining(problem);
    }

    @Test
    void givenAPrefixWithoutTopicsWhenDescribedThenItIsRefused() {
        assertThatThrownBy(() -> GroupAccounting.describe(cluster.clients("nobody")))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("run_id: ")
                .hasMessageContaining("nobody-prompts");
    }

    private static void send(
            Producer<String, SpecificRecord> producer, String topic, String key, SpecificRecord value) {
        var unused = producer.send(new ProducerRecord<>(topic, key, value));
    }
}
