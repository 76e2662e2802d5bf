package ai.consilium.rollout;

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
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.RunRecords;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** The rest of a run, played by a test: what it reads from the log, and what a learner or a scheduler would write. */
public final class RolloutLog implements AutoCloseable {
    private final RunContext run;
    private final Producer<String, SpecificRecord> producer;

    public RolloutLog(RunContext run) {
        this.run = run;
        this.producer = run.kafka().transactionalProducer(run.kafka().group("test-learner"));
        producer.initTransactions();
    }

    /** Everything that stands on a topic. */
    public <T extends SpecificRecord> List<ConsumerRecord<String, T>> records(Topics topic, Class<T> type) {
        try (DeadLetters letters = new DeadLetters(run.kafka(), "test");
                LogReader<T> reader = new LogReader<>(run.kafka(), topic, type, letters, null, Map.of())) {
            List<ConsumerRecord<String, T>> records = new ArrayList<>();
            reader.readToEnd(records::addAll);
            return records;
        }
    }

    public <T extends SpecificRecord> List<T> read(Topics topic, Class<T> type) {
        return records(topic, type).stream().map(ConsumerRecord::value).toList();
    }

    public List<Prompt> prompts(String policy) {
        return read(Topics.PROMPTS, Prompt.class).stream()
                .filter(prompt -> PolicyTable.policyOf(prompt).equals(policy))
                .toList();
    }

    /** Publishes a version that trained on groups: update and outcomes in one transaction. */
    public void publish(String specialty, long version, boolean last, List<String> groupIds) {
        producer.beginTransaction();
        send(Topics.POLICY_UPDATES, specialty, update(specialty, version, last, groupIds, "hash", 1, 1));
        groupIds.forEach(id -> send(Topics.GROUP_OUTCOMES, id, outcome(id, specialty, Outcome.TRAINED)));
        producer.commitTransaction();
    }

    /**
     * Publishes an adapter with its tensors.
     *
     * @param hash that the update promises
     */
    public void publish(String specialty, long version, Adapter adapter, String hash) {
        publish(specialty, version, version == 0 ? UpdateKind.DSA : UpdateKind.REINFORCEMENT, adapter, hash);
    }

    public void publish(String specialty, long version, UpdateKind kind, Adapter adapter, String hash) {
        byte[] file = adapter.toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks =
                new AdapterRecords(run.kafka(), run.policies(), FastSha256::digest).chunks(specialty, version, file);
        producer.beginTransaction();
        chunks.forEach(this::send);
        send(
                Topics.POLICY_UPDATES,
                specialty,
                PolicyUpdate.newBuilder(update(specialty, version, false, List.of(), hash, chunks.size(), file.length))
                        .setKind(kind)
                        .build());
        producer.commitTransaction();
    }

    public void end(String groupId, String specialty, Outcome outcome) {
        write(Topics.GROUP_OUTCOMES, groupId, outcome(groupId, specialty, outcome));
    }

    public void write(Topics topic, String key, SpecificRecord value) {
        producer.beginTransaction();
        send(topic, key, value);
        producer.commitTransaction();
    }

    @Override
    public void close() {
        producer.close();
    }

    private void send(Topics topic, String key, SpecificRecord value) {
        send(new ProducerRecord<>(run.kafka().topic(topic), key, value));
    }

    private void send(ProducerRecord<String, SpecificRecord> record) {
        Future<?> unused = producer.send(record);
    }

    private static GroupOutcome outcome(String groupId, String specialty, Outcome outcome) {
        return GroupOutcome.newBuilder(RunRecords.outcome(groupId, outcome))
                .setSpecialty(specialty)
                .build();
    }

    private static PolicyUpdate update(
            String specialty, long version, boolean last, List<String> groupIds, String hash, int chunks, long bytes) {
        return PolicyUpdate.newBuilder(RunRecords.update(specialty, version, chunks, bytes))
                .setFinalVersion(last)
                .setGroupIds(groupIds)
                .setAdapterHash(hash)
                .build();
    }
}
