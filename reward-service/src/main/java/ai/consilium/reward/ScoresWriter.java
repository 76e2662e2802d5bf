package ai.consilium.reward;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.Trajectory;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * Writes scores to the partition number that their trajectory was read from, from any thread, and tells which trajectories'
 * scores the broker has.
 */
final class ScoresWriter implements AutoCloseable {
    /** What scores are about; a trajectory's tokens are not kept for it. */
    record Subject(
            TopicPartition partition,
            long offset,
            String trajectoryId,
            String groupId,
            int sampleIndex,
            String scoringConfigHash) {
        static Subject of(ConsumerRecord<String, ?> record, Trajectory trajectory) {
            return new Subject(
                    new TopicPartition(record.topic(), record.partition()),
                    record.offset(),
                    trajectory.getTrajectoryId(),
                    trajectory.getGroupId(),
                    trajectory.getSampleIndex(),
                    trajectory.getScoringConfigHash());
        }
    }

    private final Producer<String, SpecificRecord> producer;
    private final String topic;
    private final ScoreMetrics meters;
    private final Queue<Subject> acknowledged = new ConcurrentLinkedQueue<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
    private volatile boolean closing;

    ScoresWriter(KafkaClients kafka, String clientId, ScoreMetrics meters) {
        this.producer = kafka.producer(clientId);
        this.topic = kafka.topic(Topics.SCORES);
        this.meters = meters;
    }

    /** Writes the scores that decide on a trajectory; it is {@link #nextAcknowledged} once the broker has them. */
    void decided(Subject subject, List<Score> scores) {
        meters.decided();
        write(subject, scores, () -> acknowledged.add(subject));
    }

    /** Writes a score that nobody waited for. */
    void late(Subject subject, Score score) {
        write(subject, List.of(score), () -> {});
    }

    private void write(Subject subject, List<Score> scores, Runnable written) {
        scores.forEach(meters::scored);
        Scores record = new Scores(
                subject.trajectoryId(),
                subject.groupId(),
                subject.sampleIndex(),
                subject.scoringConfigHash(),
                scores,
                System.currentTimeMillis());
        try {
            var unused = producer.send(
                    new ProducerRecord<>(topic, subject.partition().partition(), subject.groupId(), record),
                    (metadata, problem) -> {
                        if (problem == null) {
                            written.run();
                        } else {
                            failed(problem);
                        }
                    });
        } catch (RuntimeException problem) {
            failed(problem);
        }
    }

    private void failed(Exception problem) {
        if (!closing) {
            failure.compareAndSet(null, problem);
        }
    }

    /** A trajectory whose scores the broker has, each once; null when there is none more. */
    @Nullable
    Subject nextAcknowledged() {
        return acknowledged.poll();
    }

    /** @throws KafkaException when scores could not be written: their trajectories are not passed over in silence */
    void requireWritten() {
        Exception problem = failure.get();
        if (problem != null) {
            throw new KafkaException("scores could not be written", problem);
        }
    }

    /** Returns when the broker has everything, or it is known that it will not. */
    void flush() {
        producer.flush();
    }

    @Override
    public void close() {
        closing = true;
        producer.close();
    }
}
