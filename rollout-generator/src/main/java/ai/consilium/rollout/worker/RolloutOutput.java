package ai.consilium.rollout.worker;

import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;

/** What one worker writes for the prompts that it holds. One thread only; the producer is shared by the workers. */
final class RolloutOutput {
    private final RunContext context;
    private final Producer<String, SpecificRecord> producer;
    private final List<Future<?>> unconfirmed = new ArrayList<>();

    RolloutOutput(RunContext context, Producer<String, SpecificRecord> producer) {
        this.context = context;
        this.producer = producer;
    }

    /** Writes a trajectory to the partition number that its prompt was read from: the topics are co-partitioned. */
    void trajectory(int partition, Trajectory trajectory) {
        send(new ProducerRecord<>(
                context.kafka().topic(Topics.TRAJECTORIES), partition, trajectory.getGroupId(), trajectory));
    }

    /** Ends a group that cannot be sampled. */
    void rejected(Prompt prompt, String reason, String worker) {
        GroupOutcome outcome = new OutcomeFactory(RolloutService.ROLE + "/" + worker)
                .untrained(
                        prompt.getGroupId(),
                        PolicyTable.policyOf(prompt),
                        Outcome.REJECTED,
                        reason,
                        System.currentTimeMillis());
        send(new ProducerRecord<>(context.kafka().topic(Topics.GROUP_OUTCOMES), prompt.getGroupId(), outcome));
    }

    /**
     * Waits until the broker has everything.
     *
     * @throws KafkaException when it refused something
     */
    void flush() throws InterruptedException {
        producer.flush();
        try {
            for (Future<?> sent : unconfirmed) {
                sent.get();
            }
        } catch (ExecutionException e) {
            throw new KafkaException("the broker rejected a record of a rollout: " + e.getMessage(), e);
        } finally {
            unconfirmed.clear();
        }
    }

    private void send(ProducerRecord<String, SpecificRecord> record) {
        unconfirmed.add(producer.send(record));
    }
}
