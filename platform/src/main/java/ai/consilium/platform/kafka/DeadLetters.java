package ai.consilium.platform.kafka;

import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where unusable records go, whole, with the reason. A letter is keyed by the record's key and names its topic, partition
 * and offset: a reader that meets the same record again after a restart writes the same letter again. Thread-safe.
 */
public final class DeadLetters implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final KafkaClients clients;
    private final String stage;
    private @Nullable Producer<String, SpecificRecord> producer;

    /** Writes under the name of a stage. Connects at the first letter. */
    public DeadLetters(KafkaClients clients, String stage) {
        this.clients = clients;
        this.stage = stage;
    }

    /**
     * Keeps a record's bytes with the reason; returns when the broker has them.
     *
     * @throws KafkaException when they could not be kept, so that the record is not passed over in silence
     */
    public void put(ConsumerRecord<String, ? extends Decoded<?>> record, String reason) {
        LOG.atWarn()
                .addKeyValue("stage", stage)
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", reason)
                .log("unusable record sent to the dead letters");
        String topic = clients.topic(Topics.DEAD_LETTERS);
        try {
            connected()
                    .send(new ProducerRecord<>(topic, record.key(), letter(record, reason)))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException("a dead letter could not be written", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    private synchronized Producer<String, SpecificRecord> connected() {
        Producer<String, SpecificRecord> open = producer;
        if (open == null) {
            open = clients.producer("dead-letters-" + stage);
            producer = open;
        }
        return open;
    }

    private DeadLetter letter(ConsumerRecord<String, ? extends Decoded<?>> record, String reason) {
        DeadLetter.Builder letter = DeadLetter.newBuilder()
                .setStage(stage)
                .setReason(reason)
                .setTopic(record.topic())
                .setPartition(record.partition())
                .setOffset(record.offset())
                .setCreatedMs(System.currentTimeMillis());
        if (record.key() != null) {
            letter.setOriginalKey(ByteBuffer.wrap(record.key().getBytes(StandardCharsets.UTF_8)));
        }
        if (record.value() != null) {
            letter.setOriginalValue(ByteBuffer.wrap(record.value().bytes()));
        }
        return letter.build();
    }

    @Override
    public synchronized void close() {
        if (producer != null) {
            producer.close(Duration.ofSeconds(5));
            producer = null;
        }
    }
}
