package ai.consilium.learner.publish;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.platform.transaction.TransactionalWriter.Sender;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.Consumed;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/** Writes what a learner decides, one transaction at a time, under the specialty's transactional id. */
public final class Publisher {
    private final RunContext context;
    private final String specialty;
    private final AdapterRecords adapters;
    private final FaultPoint.Plan faults;
    private final TransactionalWriter writer;
    private final OutcomeFactory outcomes;

    /**
     * What is said of every step's version.
     *
     * @param kind how it was made
     * @param parents that it was made from beside the version before it
     * @param origin the first version, which no step made
     * @param startParents what that one was made from
     * @param round that all are of
     * @param folded the agent that lies in the base under them
     */
    public record Descent(
            UpdateKind kind,
            List<Parent> parents,
            long origin,
            List<Parent> startParents,
            int round,
            Optional<Ground.Folded> folded) {}

    /** @param specialty policy whose versions are published */
    public Publisher(RunContext context, String specialty, FaultPoint.Plan faults, TransactionalWriter writer) {
        this.context = context;
        this.specialty = specialty;
        this.faults = faults;
        this.adapters = new AdapterRecords(context.kafka(), context.policies(), FastSha256::digest);
        this.writer = writer;
        this.outcomes = new OutcomeFactory(context.writer(LearnerContext.ROLE));
    }

    /**
     * Publishes a checkpoint's version: chunks, update and the outcome of every group that it was trained on.
     *
     * @param descent of a step's version
     * @param superseded versions whose chunks may go
     * @return the update
     */
    public PolicyUpdate publish(Checkpoint checkpoint, Descent descent, List<PolicyUpdate> superseded) {
        Checkpoint.Facts facts = checkpoint.facts();
        byte[] file = checkpoint.trained().adapter().toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks = adapters.chunks(specialty, facts.version(), file);
        PolicyUpdate update = update(checkpoint, descent, file.length, chunks);
        writer.write(sender -> {
            faults.reach(FaultPoint.CHUNKS, facts.version());
            chunks.forEach(sender::send);
            faults.reach(FaultPoint.UPDATE, facts.version());
            sender.send(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), specialty, update));
            for (String groupId : facts.groupIds()) {
                send(sender, outcomes.trained(groupId, specialty, facts.version(), System.currentTimeMillis()));
            }
            superseded.stream()
                    .flatMap(old -> adapters.tombstones(old).stream())
                    .forEach(sender::send);
        });
        return update;
    }

    /**
     * Publishes the chunks of a version again that are gone from the log.
     *
     * @throws IllegalArgumentException when they are not what its update promises
     */
    public void republish(PolicyUpdate update, Adapter adapter) {
        List<ProducerRecord<String, SpecificRecord>> chunks =
                adapters.chunks(update.getSpecialty(), update.getVersion(), adapter.toSafetensors());
        if (!adapter.hash().equals(update.getAdapterHash()) || chunks.size() != update.getChunks()) {
            throw new IllegalArgumentException("not the adapter of %s version %d: its tensors have hash %s"
                    .formatted(update.getSpecialty(), update.getVersion(), adapter.hash()));
        }
        writer.write(sender -> chunks.forEach(sender::send));
    }

    /** Publishes the adapter that all experts start from, as version 0 of the unified agent. */
    public void publishShared(Adapter start, Map<String, Double> figures, String fingerprintHash) {
        byte[] file = start.toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks = adapters.chunks(Topics.UNIFIED, 0, file);
        PolicyUpdate update = PolicyUpdate.newBuilder()
                .setSpecialty(Topics.UNIFIED)
                .setVersion(0)
                .setKind(UpdateKind.DSA)
                .setFinalVersion(false)
                .setParents(List.of())
                .setAdapterHash(start.hash())
                .setAdapterBytes(file.length)
                .setChunks(chunks.size())
                .setAdapterSha256(AdapterRecords.fileSha256(chunks))
                .setFigures(figures)
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash(fingerprintHash)
                .setWriter(context.writer(LearnerContext.ROLE))
                .setCreatedMs(System.currentTimeMillis())
                .build();
        writer.write(sender -> {
            chunks.forEach(sender::send);
            sender.send(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), Topics.UNIFIED, update));
        });
    }

    /** Records the end of groups that cannot be trained on, at once: the scheduler waits for their slots. */
    public void refuse(List<TrainingGroup> groups, Outcome outcome, String reason) {
        writer.write(sender -> {
            for (TrainingGroup group : groups) {
                send(
                        sender,
                        outcomes.untrained(group.getGroupId(), specialty, outcome, reason, System.currentTimeMillis()));
            }
        });
    }

    private void send(Sender sender, GroupOutcome outcome) {
        sender.send(new ProducerRecord<>(context.kafka().topic(Topics.GROUP_OUTCOMES), outcome.getGroupId(), outcome));
    }

    private List<Parent> parents(Checkpoint.Facts facts, Descent descent) {
        List<Parent> parents = new ArrayList<>();
        parents.add(new Parent(specialty, facts.version() - 1, facts.parentHash()));
        parents.addAll(descent.parents());
        return parents;
    }

    private PolicyUpdate update(
            Checkpoint checkpoint, Descent descent, int bytes, List<ProducerRecord<String, SpecificRecord>> chunks) {
        Checkpoint.Facts facts = checkpoint.facts();
        boolean start = facts.version() == descent.origin();
        PolicyUpdate.Builder update = PolicyUpdate.newBuilder()
                .setSpecialty(specialty)
                .setVersion(facts.version())
                .setKind(start ? UpdateKind.DSA : descent.kind())
                .setFinalVersion(facts.finalVersion())
                .setParents(start ? descent.startParents() : parents(facts, descent))
                .setAdapterHash(checkpoint.trained().adapter().hash())
                .setAdapterBytes(bytes)
                .setChunks(chunks.size())
                .setAdapterSha256(AdapterRecords.fileSha256(chunks))
                .setFigures(facts.figures())
                .setConsumed(
                        facts.groupIds().isEmpty()
                                ? List.of()
                                : List.of(new Consumed(
                                        context.kafka().topic(Topics.TRAINING_GROUPS),
                                        context.policies().partition(specialty),
                                        facts.fromOffset(),
                                        facts.nextOffset())))
                .setGroupIds(facts.groupIds())
                .setConfigHash(facts.fingerprintHash())
                .setRound(descent.round())
                .setWriter(context.writer(LearnerContext.ROLE))
                .setCreatedMs(System.currentTimeMillis());
        descent.folded()
                .ifPresent(agent ->
                        update.setFoldedAgent(agent.under(checkpoint.trained().adapter())));
        return update.build();
    }
}
