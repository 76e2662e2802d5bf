package ai.consilium.advantage.topology;

import ai.consilium.schemas.DeadLetter;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * A record as it lies on the log, kept for the dead letters.
 *
 * @param value bytes of the value
 */
record SourceRecord(
        String topic, int partition, long offset, @Nullable String key, byte[] value) {

    DeadLetter letter(String reason, long nowMs) {
        DeadLetter.Builder letter = DeadLetter.newBuilder()
                .setStage(AdvantageTopology.ROLE)
                .setReason(reason)
                .setTopic(topic)
                .setPartition(partition)
                .setOffset(offset)
                .setOriginalValue(ByteBuffer.wrap(value))
                .setCreatedMs(nowMs);
        if (key != null) {
            letter.setOriginalKey(ByteBuffer.wrap(key.getBytes(StandardCharsets.UTF_8)));
        }
        return letter.build();
    }
}
