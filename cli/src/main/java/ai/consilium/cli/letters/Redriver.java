package ai.consilium.cli.letters;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.runlog.letters.RawRecord;
import ai.consilium.runlog.letters.RecordPlace;
import ai.consilium.runlog.letters.RecordedLetter;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.serialization.Serializer;
import org.jspecify.annotations.Nullable;

/**
 * Writes records that have dead letters to their topics again: the same bytes, key and partition, with a header that says where
 * they lay. Each is written in one transaction with its mark among the dead letters, so that it is not written twice by mistake,
 * and of two who do so at a time the later goes on. One thread only.
 */
public final class Redriver implements AutoCloseable {
    /** Names, in a record that was written again, where it lay before, as topic/partition/offset. */
    public static final String HEADER = "redriven-from";

    private static final int LONGEST = 64 << 20;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(5);

    /**
     * What became of a record.
     *
     * @param from where it lay
     * @param to where it was written again; null where it was not
     * @param reason why it was not; null where it was
     */
    public record Redriven(
            String from, @Nullable String to, @Nullable String reason) {}

    private final KafkaClients kafka;
    private final Producer<byte[], byte[]> producer;
    private final Serializer<DeadLetter> marks;

    /** Ends what another does at the same time. */
    public Redriver(KafkaClients kafka) {
        this.kafka = kafka;
        this.marks = kafka.serde(DeadLetter.class).serializer();
        this.producer = kafka.transactionalBytesProducer(kafka.group("redrive"), LONGEST);
        try {
            producer.initTransactions();
        } catch (RuntimeException e) {
            producer.close(CLOSE_WITHIN);
            throw e;
        }
    }

    /**
     * The letters of these places, one of each.
     *
     * @throws UsageException when one has none
     */
    public static List<RecordedLetter> find(
            List<RecordPlace> places, List<RecordedLetter> letters, KafkaClients kafka) {
        Map<RecordPlace, RecordedLetter> byPlace = byPlace(letters);
        List<RecordedLetter> found = new ArrayList<>();
        for (RecordPlace place : places) {
            RecordedLetter letter = byPlace.get(place);
            if (letter == null) {
                throw new UsageException("there is no dead letter of " + place.shown(kafka)
                        + "; consilium dead-letters list shows which there are");
            }
            found.add(letter);
        }
        return found;
    }

    /** One letter of each record: several roles may have refused it. */
    public static Map<RecordPlace, RecordedLetter> byPlace(List<RecordedLetter> letters) {
        Map<RecordPlace, RecordedLetter> byPlace = new LinkedHashMap<>();
        letters.forEach(letter -> byPlace.putIfAbsent(letter.about(), letter));
        return byPlace;
    }

    /**
     * Writes one again.
     *
     * @param again whether one that was written again before may be so once more
     */
    public Redriven redrive(RecordedLetter letter, boolean again) {
        Redriven asked = ask(letter, again, kafka);
        if (asked.reason() != null) {
            return asked;
        }
        return RawRecord.of(letter, kafka)
                .map(record -> write(letter, record))
                .orElseGet(() -> new Redriven(
                        asked.from(),
                        null,
                        "is no longer on the log, and its letter keeps only the beginning of " + letter.bytes()
                                + " bytes"));
    }

    /** What keeps one from being written again, if anything does. Writes nothing. */
    public static Redriven ask(RecordedLetter letter, boolean again, KafkaClients kafka) {
        String from = letter.about().shown(kafka);
        if (letter.redrivenTo().isEmpty() || again) {
            return new Redriven(from, null, null);
        }
        String last = letter.redrivenTo().get(letter.redrivenTo().size() - 1);
        String where = RecordPlace.parse(last, kafka).shown(kafka);
        return new Redriven(from, null, "was redriven to " + where + "; --again does it once more");
    }

    private Redriven write(RecordedLetter letter, RawRecord record) {
        RecordPlace about = letter.about();
        ProducerRecord<byte[], byte[]> copy =
                new ProducerRecord<>(about.topic(), about.partition(), record.key(), record.value());
        record.headers().forEach((name, value) -> copy.headers().add(name, value));
        copy.headers().remove(HEADER);
        copy.headers().add(HEADER, about.toString().getBytes(StandardCharsets.UTF_8));
        producer.beginTransaction();
        try {
            Future<RecordMetadata> sent = producer.send(copy);
            producer.flush();
            RecordPlace to =
                    new RecordPlace(about.topic(), about.partition(), sent.get().offset());
            String letters = kafka.topic(Topics.DEAD_LETTERS);
            byte[] key = about.toString().getBytes(StandardCharsets.UTF_8);
            var mark = producer.send(new ProducerRecord<>(letters, key, marks.serialize(letters, mark(letter, to))));
            producer.commitTransaction();
            return new Redriven(about.shown(kafka), to.shown(kafka), null);
        } catch (ExecutionException e) {
            producer.abortTransaction();
            return new Redriven(about.shown(kafka), null, "could not be written: " + e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        } catch (KafkaException e) {
            throw new KafkaException("dead-letters redrive was ended by another one, or by the broker", e);
        }
    }

    private static DeadLetter mark(RecordedLetter letter, RecordPlace to) {
        return DeadLetter.newBuilder()
                .setStage("redrive")
                .setReason("redriven")
                .setTopic(letter.about().topic())
                .setPartition(letter.about().partition())
                .setOffset(letter.about().offset())
                .setCreatedMs(System.currentTimeMillis())
                .setRedrivenTo(to.toString())
                .build();
    }

    @Override
    public void close() {
        producer.close(CLOSE_WITHIN);
    }
}
