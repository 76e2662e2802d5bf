package ai.consilium.runlog.letters;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.DeadLetter;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record in bytes.
 *
 * @param headers by name, of several of one name the last
 * @param fromLog whether it was read from where it lies; else from its letter, which has no headers
 */
@SuppressWarnings("ArrayRecordComponent") // as it is on the log
public record RawRecord(byte @Nullable [] key, byte @Nullable [] value, Map<String, byte[]> headers, boolean fromLog) {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /**
     * The record that a letter is about: from where it lies, else, when that was removed, from the letter; empty when the letter
     * kept only a piece.
     */
    public static Optional<RawRecord> of(RecordedLetter letter, KafkaClients kafka) {
        Optional<RawRecord> original = at(letter.about(), kafka)
                .filter(record -> letter.sha256().isEmpty()
                        || DigestUtils.sha256Hex(Objects.requireNonNullElse(record.value(), new byte[0]))
                                .equals(letter.sha256()));
        return original.isPresent() || !letter.whole() ? original : kept(letter, kafka);
    }

    /** What the letter itself keeps, whole or not. */
    public static Optional<RawRecord> kept(RecordedLetter letter, KafkaClients kafka) {
        return at(letter.letter(), kafka)
                .map(record -> kafka.decodedSerde(DeadLetter.class)
                        .deserializer()
                        .deserialize(letter.letter().topic(), record.value()))
                .map(decoded -> decoded.value())
                .map(kept ->
                        new RawRecord(bytes(kept.getOriginalKey()), bytes(kept.getOriginalValue()), Map.of(), false));
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuffer buffer) {
        if (buffer == null) {
            return null;
        }
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    /** The record at a place; empty where none lies there, or no longer. */
    static Optional<RawRecord> at(RecordPlace place, KafkaClients kafka) {
        TopicPartition partition = new TopicPartition(place.topic(), place.partition());
        List<TopicPartition> one = List.of(partition);
        try (Consumer<byte[], byte[]> consumer = kafka.bytesConsumer(Map.of("max.poll.records", 1))) {
            if (consumer.partitionsFor(place.topic()).size() <= place.partition()) {
                return Optional.empty();
            }
            consumer.assign(one);
            long begin = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
            long end = consumer.endOffsets(one).getOrDefault(partition, 0L);
            if (place.offset() < begin || place.offset() >= end) {
                return Optional.empty();
            }
            consumer.seek(partition, place.offset());
            long until = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition) <= place.offset() && System.nanoTime() < until) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    return record.offset() == place.offset() ? Optional.of(of(record)) : Optional.empty();
                }
            }
            return Optional.empty();
        }
    }

    private static RawRecord of(ConsumerRecord<byte[], byte[]> record) {
        Map<String, byte[]> headers = new LinkedHashMap<>();
        for (Header header : record.headers()) {
            headers.put(header.key(), header.value());
        }
        return new RawRecord(record.key(), record.value(), headers, true);
    }
}
