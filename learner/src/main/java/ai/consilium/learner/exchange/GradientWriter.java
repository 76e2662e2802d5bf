package ai.consilium.learner.exchange;

import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.run.RunContext;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.schemas.GradientShare;
import ai.consilium.schemas.PartShare;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
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
        write(version, step, what, null);
    }

    /** A part is begun here. */
    void begun(long version, String step, int part) {
        write(version, step, null, GradientRecords.begun(part));
    }

    /** A part is computed. */
    void computed(long version, String step, int part, PartGradient gradient) {
        GradientRecords.pieces(part, gradient).forEach(piece -> write(version, step, null, piece));
    }

    private void write(long version, String step, @Nullable SharedStep announced, @Nullable PartShare part) {
        GradientShare share =
                new GradientShare(policy, version, step, announced, part, writer, System.currentTimeMillis());
        try {
            var unused = producer.send(
                    new ProducerRecord<>(
                            run.kafka().topic(Topics.GRADIENTS), run.policies().partition(policy), policy, share),
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
