package ai.consilium.platform.kafka;

import ai.consilium.schemas.DeadLetter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record as it is on the log, from which its dead letter is made.
 *
 * @param value bytes of the value; empty for a tombstone
 */
public record SourceRecord(
        String topic, int partition, long offset, @Nullable String key, byte[] value) {
    /** Leaves room in {@link KafkaClients#MAX_RECORD_BYTES} for the other fields of a letter, whose parts are bounded too. */
    static final int VALUE_BYTES = KafkaClients.MAX_RECORD_BYTES - (256 << 10);
    /** What is kept of a longer value. */
    static final int PIECE_BYTES = 64 << 10;

    static final int KEY_BYTES = 64 << 10;
    private static final int REASON_CHARS = 4 << 10;

    static SourceRecord of(ConsumerRecord<String, ? extends Decoded<?>> record) {
        Decoded<?> decoded = record.value();
        return new SourceRecord(
                record.topic(),
                record.partition(),
                record.offset(),
                record.key(),
                decoded == null ? new byte[0] : decoded.bytes());
    }

    /** The record in one word; the key of its dead letter. */
    public String place() {
        return place(topic, partition, offset);
    }

    /** The place of the record that a letter is about. */
    static String place(DeadLetter letter) {
        return place(letter.getTopic(), letter.getPartition(), letter.getOffset());
    }

    private static String place(String topic, int partition, long offset) {
        return topic + "/" + partition + "/" + offset;
    }

    /** The letter of a record that cannot be used; it fits into a request whatever the record holds. */
    public DeadLetter letter(String stage, String reason, long nowMs) {
        DeadLetter.Builder letter = DeadLetter.newBuilder()
                .setStage(stage)
                .setReason(reason.length() <= REASON_CHARS ? reason : reason.substring(0, REASON_CHARS) + " ...")
                .setTopic(topic)
                .setPartition(partition)
                .setOffset(offset)
                .setValueBytes(value.length)
                .setCreatedMs(nowMs);
        if (key != null) {
            letter.setOriginalKey(beginning(key.getBytes(StandardCharsets.UTF_8), KEY_BYTES));
        }
        if (value.length > 0) {
            letter.setOriginalValue(beginning(value, value.length <= VALUE_BYTES ? value.length : PIECE_BYTES));
            letter.setValueSha256(DigestUtils.sha256Hex(value));
        }
        return letter.build();
    }

    private static ByteBuffer beginning(byte[] bytes, int most) {
        return ByteBuffer.wrap(bytes, 0, Math.min(bytes.length, most)).slice();
    }
}
