package ai.consilium.merger;

import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes versions of the unified agent.
 *
 * @param configHash of the merger's settings
 */
record AgentPublisher(RunContext context, TransactionalWriter writer, String configHash) {
    /** What a version is. */
    enum Kind {
        /** What consolidation starts from. */
        CANDIDATE,
        /** An agent that the gate let through, or what a round ends with. */
        AGENT,
        /** That of the last round, because the run was told to stop. */
        LAST_AGENT
    }

    /** Those that are published; to be closed. */
    AdapterLog<Adapter> adapters() {
        return new AdapterLog<>(
                context.kafka(),
                context.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest);
    }

    /** A version that stands once more, as what a round ends with. */
    void again(PolicyUpdate standing, long version, int round, Kind kind) {
        try (AdapterLog<Adapter> adapters = adapters()) {
            publish(
                    adapters.fetch(standing),
                    version,
                    round,
                    kind,
                    PolicyHistory.parents(List.of(standing)),
                    standing.getFigures());
        }
    }

    /**
     * One version, in one transaction.
     *
     * @param round whose experts it is made of
     */
    PolicyUpdate publish(
            Adapter agent, long version, int round, Kind kind, List<Parent> parents, Map<String, Double> figures) {
        byte[] file = agent.toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks = new AdapterRecords(
                        context.kafka(), context.policies(), FastSha256::digest)
                .chunks(Topics.UNIFIED, version, file);
        PolicyUpdate update = PolicyUpdate.newBuilder()
                .setSpecialty(Topics.UNIFIED)
                .setVersion(version)
                .setKind(UpdateKind.MERGE)
                .setFinalVersion(kind != Kind.CANDIDATE)
                .setEndsRun(kind == Kind.LAST_AGENT)
                .setParents(parents)
                .setAdapterHash(agent.hash())
                .setAdapterBytes(file.length)
                .setChunks(chunks.size())
                .setAdapterSha256(AdapterRecords.fileSha256(chunks))
                .setFigures(figures)
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash(configHash)
                .setWriter(context.writer(MergerLoop.ROLE))
                .setCreatedMs(System.currentTimeMillis())
                .setRound(round)
                .build();
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>(chunks);
        records.add(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), Topics.UNIFIED, update));
        writer.write(records);
        return update;
    }
}
