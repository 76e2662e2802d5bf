package ai.consilium.learner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The log around a learner: what is written to it as the stream does, and what the learner left on it. */
final class LearnerLog {
    /** Writes groups as the advantage stream does. */
    static void publish(RunContext run, List<TrainingGroup> groups) {
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            for (TrainingGroup group : groups) {
                int partition = run.policies().partition(PolicyTable.policyOf(group));
                var unused = producer.send(new ProducerRecord<>(
                        run.kafka().topic(Topics.TRAINING_GROUPS), partition, PolicyTable.policyOf(group), group));
            }
        }
    }

    /** Writes a version as its learner or the merger does. */
    static PolicyUpdate publish(RunContext run, PolicyUpdate update, Adapter adapter) {
        byte[] file = adapter.toSafetensors();
        try (Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            var chunks = new AdapterRecords(run.kafka(), run.policies(), FastSha256::digest)
                    .chunks(update.getSpecialty(), update.getVersion(), file);
            PolicyUpdate whole = PolicyUpdate.newBuilder(update)
                    .setAdapterHash(adapter.hash())
                    .setAdapterBytes(file.length)
                    .setChunks(chunks.size())
                    .build();
            for (var chunk : chunks) {
                var unused = producer.send(chunk);
            }
            var unused = producer.send(
                    new ProducerRecord<>(run.kafka().topic(Topics.POLICY_UPDATES), update.getSpecialty(), whole));
            return whole;
        }
    }

    static Adapter adapter(RunContext run, PolicyUpdate update) {
        try (AdapterLog<Adapter> log = new AdapterLog<>(
                run.kafka(),
                run.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest)) {
            return log.fetch(update);
        }
    }

    /** Waits until a version is on the log. */
    static PolicyUpdate awaitVersion(RunContext run, long version) {
        return awaitVersion(run, Groups.SPECIALTY, version);
    }

    static PolicyUpdate awaitVersion(RunContext run, String policy, long version) {
        List<PolicyUpdate> found = new ArrayList<>();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            updates(run).stream()
                    .filter(update -> update.getSpecialty().equals(policy) && update.getVersion() == version)
                    .findFirst()
                    .ifPresent(found::add);
            return !found.isEmpty();
        });
        return found.get(0);
    }

    static List<PolicyUpdate> updates(RunContext run) {
        return all(run, Topics.POLICY_UPDATES, PolicyUpdate.class);
    }

    static List<GroupOutcome> outcomes(RunContext run) {
        return all(run, Topics.GROUP_OUTCOMES, GroupOutcome.class);
    }

    static <T extends SpecificRecord> List<T> all(RunContext run, Topics topic, Class<T> type) {
        List<T> records = new ArrayList<>();
        try (LogReader<T> reader =
                new LogReader<>(run.kafka(), topic, type, new DeadLetters(run.kafka(), "test"), null, Map.of())) {
            reader.readToEnd(batch -> batch.forEach(record -> records.add(record.value())));
        }
        return records;
    }

    /** Each group was trained on once, in its order. */
    static void assertTrainedOnce(RunContext run, List<TrainingGroup> groups) {
        List<GroupOutcome> outcomes = outcomes(run);
        assertThat(outcomes).extracting(GroupOutcome::getOutcome).containsOnly(Outcome.TRAINED);
        assertThat(outcomes)
                .extracting(GroupOutcome::getGroupId)
                .containsExactlyElementsOf(
                        groups.stream().map(TrainingGroup::getGroupId).toList());
    }

    private LearnerLog() {}
}
