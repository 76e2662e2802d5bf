package ai.consilium.policy.format;

import java.nio.file.Path;

/**
 * Where a tensor lies in a safetensors file whose header was checked.
 *
 * @param fileBytes length of the file
 * @param brief BF16; else F32
 * @param start first byte in the file; header and tensors before it decide how it is aligned
 * @param end after its last byte
 */
public record StoredTensor(Path file, long fileBytes, boolean brief, long start, long end) {
    /** Whether another lies right behind it, of the same type: both together are one. */
    public boolean precedes(StoredTensor next) {
        return file.equals(next.file()) && end == next.start() && brief == next.brief();
    }

    /** This one and what lies behind it, as one. */
    public StoredTensor through(StoredTensor last) {
        return new StoredTensor(file, fileBytes, brief, start, last.end());
    }
}
