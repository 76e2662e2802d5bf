package ai.consilium.merger;

import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
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
    /**
     * One version, in one transaction.
     *
     * @param judged whether it is an agent that the gate let through, or only what consolidation starts from
     */
    PolicyUpdate publish(
            Adapter agent, long version, boolean judged, List<Parent> parents, Map<String, Double> figures) {
        byte[] file = agent.toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks =
                new AdapterRecords(context.kafka(), context.policies()).chunks(Topics.UNIFIED, version, file);
        PolicyUpdate update = PolicyUpdate.newBuilder()
                .setSpecialty(Topics.UNIFIED)
                .setVersion(version)
                .setKind(UpdateKind.MERGE)
                .setFinalVersion(judged)
                .setParents(parents)
                .setAdapterHash(agent.hash())
                .setAdapterBytes(file.length)
                .setChunks(chunks.size())
                .setFigures(figures)
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash(configHash)
                .setWriter(context.writer(MergerLoop.ROLE))
                .setCreatedMs(System.currentTimeMillis())
                .build();
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>(chunks);
        records.add(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), Topics.UNIFIED, update));
        writer.write(records);
        return update;
    }
}
