package ai.consilium.random;

import java.nio.ByteBuffer;
import java.util.Random;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Streams of random numbers, each named by a seed and by what it is for: two names never share a draw. Cases, prompts and
 * their order come from here.
 */
public final class RandomStreams {
    /** Seed of a stream: the first eight bytes, big-endian, of the SHA-256 of {@code seed/name}. */
    public static long seed(long seed, String name) {
        return ByteBuffer.wrap(DigestUtils.sha256(seed + "/" + name)).getLong();
    }

    /** The stream. java.util.Random, because its algorithm is part of its contract: equal draws on every JDK. */
    public static Random of(long seed, String name) {
        return new Random(seed(seed, name));
    }

    private RandomStreams() {}
}
