package ai.consilium.learner.exchange;

import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.schemas.GradientShare;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes what a process has to say of the steps of one policy. What cannot be written is lost, and the one who trains computes it.
 * Thread-safe.
 */
public final class GradientWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(GradientWriter.class);

    private final RunContext run;
    private final String policy;
    private final String writer;
    private final Producer<String, SpecificRecord> producer;

    /** @param patience how long a record may wait for room among those that are being sent */
    GradientWriter(RunContext run, String policy, Duration patience) {
        this.run = run;
        this.policy = policy;
        this.writer = run.writer(LearnerContext.ROLE);
        this.producer = run.kafka()
                .producer(
                        writer.replace('/', '-') + "-gradients-" + policy, Map.of("max.block.ms", patience.toMillis()));
    }

    /** Who writes. */
    String name() {
        return writer;
    }

    /** A step is to be computed. */
    void announce(long version, String step, SharedStep what) {
        write(share(version, step).setAnnounced(what));
    }

    /** A part is begun here. */
    void begun(long version, String step, int part) {
        write(share(version, step).setPart(GradientRecords.begun(part)));
    }

    /** A part is computed. */
    void computed(long version, String step, int part, PartGradient gradient) {
        GradientRecords.pieces(part, gradient)
                .forEach(piece -> write(share(version, step).setPart(piece)));
    }

    private GradientShare.Builder share(long version, String step) {
        return GradientShare.newBuilder()
                .setPolicy(policy)
                .setVersion(version)
                .setStep(step)
                .setWriter(writer)
                .setCreatedMs(System.currentTimeMillis());
    }

    private void write(GradientShare.Builder share) {
        try {
            var unused = producer.send(
                    new ProducerRecord<>(
                            run.kafka().topic(Topics.GRADIENTS),
                            run.policies().partition(policy),
                            policy,
                            share.build()),
                    (metadata, problem) -> {
                        if (problem != null) {
                            unwritten(problem);
                        }
                    });
        } catch (KafkaException e) {
            unwritten(e);
        }
    }

    private void unwritten(Exception problem) {
        LOG.atDebug()
                .addKeyValue("policy", policy)
                .addKeyValue("reason", String.valueOf(problem.getMessage()))
                .log("a share of a step could not be written");
    }

    @Override
    public void close() {
        producer.close(Duration.ZERO);
    }
}
