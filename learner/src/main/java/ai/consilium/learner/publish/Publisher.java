package ai.consilium.learner.publish;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.Consumed;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UpdateKind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.ProducerFencedException;

/**
 * Writes what a learner decides, one transaction at a time. Holds the specialty's transactional id: opening a publisher fences
 * every older one, whose open transaction is aborted.
 */
public final class Publisher implements AutoCloseable {
    private final RunContext context;
    private final String specialty;
    private final AdapterLog adapters;
    private final FaultPoint.Plan faults;
    private final Producer<String, SpecificRecord> producer;

    public Publisher(RunContext context, String specialty, FaultPoint.Plan faults) {
        this.context = context;
        this.specialty = specialty;
        this.faults = faults;
        this.adapters = new AdapterLog(context.kafka(), context.policies());
        this.producer = context.kafka().transactionalProducer(context.kafka().group("learner-" + specialty));
    }

    /** Takes the specialty over. */
    public void open() {
        fenceable(producer::initTransactions);
    }

    /**
     * Publishes a checkpoint's version: chunks, update and the outcome of every group that it was trained on.
     *
     * @param superseded a version whose chunks may go
     * @return the update
     */
    public PolicyUpdate publish(Checkpoint checkpoint, Optional<PolicyUpdate> superseded) {
        Checkpoint.Facts facts = checkpoint.facts();
        byte[] file = checkpoint.trained().adapter().toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks = adapters.chunks(specialty, facts.version(), file);
        PolicyUpdate update = update(checkpoint, file.length, chunks.size());
        transaction(() -> {
            faults.reach(FaultPoint.CHUNKS, facts.version());
            chunks.forEach(this::send);
            faults.reach(FaultPoint.UPDATE, facts.version());
            send(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), specialty, update));
            for (String groupId : facts.groupIds()) {
                send(outcome(groupId, Outcome.TRAINED, "trained on", facts.version()));
            }
            superseded.ifPresent(old -> adapters.tombstone(producer, old));
        });
        return update;
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
                .setFigures(figures)
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash(fingerprintHash)
                .setWriter("learner " + context.instance())
                .setCreatedMs(System.currentTimeMillis())
                .build();
        transaction(() -> {
            chunks.forEach(this::send);
            send(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), Topics.UNIFIED, update));
        });
    }

    /** Records the end of a group that cannot be trained on, at once: the scheduler waits for its slot. */
    public void refuse(TrainingGroup group, Outcome outcome, String reason) {
        transaction(() -> send(outcome(group.getGroupId(), outcome, reason, -1)));
    }

    @Override
    public void close() {
        // Whatever counts was committed; what is open after a failure is the next holder's to abort.
        producer.close(Duration.ZERO);
        adapters.close();
    }

    private void send(ProducerRecord<String, SpecificRecord> record) {
        // A send that fails makes the commit throw.
        var unused = producer.send(record);
    }

    private void send(GroupOutcome outcome) {
        send(new ProducerRecord<>(context.kafka().topic(Topics.GROUP_OUTCOMES), outcome.getGroupId(), outcome));
    }

    private void transaction(Runnable writes) {
        fenceable(() -> {
            producer.beginTransaction();
            try {
                writes.run();
                producer.commitTransaction();
            } catch (ProducerFencedException | InvalidProducerEpochException e) {
                throw e;
            } catch (KafkaException e) {
                abort(e);
                throw e;
            }
        });
    }

    /** A commit whose fate is unknown cannot be aborted either; that must not hide what went wrong. */
    private void abort(KafkaException why) {
        try {
            producer.abortTransaction();
        } catch (KafkaException | IllegalStateException e) {
            why.addSuppressed(e);
        }
    }

    private void fenceable(Runnable work) {
        try {
            work.run();
        } catch (KafkaException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof ProducerFencedException || cause instanceof InvalidProducerEpochException) {
                    throw new FencedException(specialty, e);
                }
            }
            throw e;
        }
    }

    private PolicyUpdate update(Checkpoint checkpoint, int bytes, int chunks) {
        Checkpoint.Facts facts = checkpoint.facts();
        boolean start = facts.version() == 0;
        return PolicyUpdate.newBuilder()
                .setSpecialty(specialty)
                .setVersion(facts.version())
                .setKind(start ? UpdateKind.DSA : UpdateKind.REINFORCEMENT)
                .setFinalVersion(facts.finalVersion())
                .setParents(start ? List.of() : List.of(new Parent(specialty, facts.version() - 1, facts.parentHash())))
                .setAdapterHash(checkpoint.trained().adapter().hash())
                .setAdapterBytes(bytes)
                .setChunks(chunks)
                .setFigures(facts.figures())
                .setConsumed(
                        start
                                ? List.of()
                                : List.of(new Consumed(
                                        context.kafka().topic(Topics.TRAINING_GROUPS),
                                        context.policies().partition(specialty),
                                        facts.fromOffset(),
                                        facts.nextOffset())))
                .setGroupIds(facts.groupIds())
                .setConfigHash(facts.fingerprintHash())
                .setWriter("learner " + context.instance())
                .setCreatedMs(System.currentTimeMillis())
                .build();
    }

    private GroupOutcome outcome(String groupId, Outcome outcome, String reason, long version) {
        return GroupOutcome.newBuilder()
                .setGroupId(groupId)
                .setSpecialty(specialty)
                .setOutcome(outcome)
                .setReason(reason)
                .setPolicyVersion(version)
                .setWriter("learner " + context.instance())
                .setCreatedMs(System.currentTimeMillis())
                .build();
    }
}
