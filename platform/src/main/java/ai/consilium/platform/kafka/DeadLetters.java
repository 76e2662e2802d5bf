package ai.consilium.platform.kafka;

import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
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
 * Where unusable records go, with the reason. A record has one letter, however often and by how many readers it is read: none is
 * written for a record that has one already. Two readers that come upon a record at the same moment may both write one, and the
 * advantage stream writes its own, once, within its transactions; the key, which names the record, is the same then. Thread-safe.
 */
public final class DeadLetters implements UnusableRecords, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetters.class);

    private final KafkaClients clients;
    private final String stage;
    private @Nullable Connection connection;

    private record Connection(Producer<String, SpecificRecord> producer, LetterIndex index) {}

    /** Writes under the name of a stage. Connects at the first letter. */
    public DeadLetters(KafkaClients clients, String stage) {
        this.clients = clients;
        this.stage = stage;
    }

    /**
     * Keeps a record with the reason; returns when the broker has it.
     *
     * @throws KafkaException when it could not be kept, so that the record is not passed over in silence
     */
    @Override
    public synchronized void put(ConsumerRecord<String, ? extends Decoded<?>> record, String reason) {
        SourceRecord source = SourceRecord.of(record);
        Connection open = connected();
        if (open.index().contains(source.place())) {
            LOG.atDebug()
                    .addKeyValue("stage", stage)
                    .addKeyValue("record", source.place())
                    .log("has a dead letter");
            return;
        }
        LOG.atWarn()
                .addKeyValue("stage", stage)
                .addKeyValue("topic", record.topic())
                .addKeyValue("partition", record.partition())
                .addKeyValue("offset", record.offset())
                .addKeyValue("reason", reason)
                .log("unusable record sent to the dead letters");
        DeadLetter letter = source.letter(stage, reason, System.currentTimeMillis());
        try {
            open.producer()
                    .send(new ProducerRecord<>(clients.topic(Topics.DEAD_LETTERS), source.place(), letter))
                    .get();
        } catch (ExecutionException e) {
            throw new KafkaException("a dead letter could not be written", e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
        open.index().add(source.place());
    }

    private Connection connected() {
        Connection open = connection;
        if (open == null) {
            open = new Connection(clients.producer("dead-letters-" + stage), new LetterIndex(clients));
            connection = open;
        }
        return open;
    }

    @Override
    public synchronized void close() {
        if (connection != null) {
            connection.producer().close(Duration.ofSeconds(5));
            connection.index().close();
            connection = null;
        }
    }
}
