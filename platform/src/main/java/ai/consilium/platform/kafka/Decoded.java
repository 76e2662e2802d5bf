package ai.consilium.platform.kafka;

import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record's value as it came off the log: decoded, or poisoned with the reason. A poisoned record never throws out of a
 * poll; its reader sends the bytes to the dead letters and goes on.
 *
 * @param value the value, or null for a tombstone or a poisoned record
 * @param problem why it could not be decoded, or null
 * @param bytes the value's bytes as they lay on the log; empty for a tombstone
 */
public record Decoded<T extends SpecificRecord>(
        @Nullable T value, @Nullable String problem, byte[] bytes) {

    /** The value could not be decoded. */
    public boolean poisoned() {
        return problem != null;
    }
}
