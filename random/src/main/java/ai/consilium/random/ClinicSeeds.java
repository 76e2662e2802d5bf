package ai.consilium.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Random;

/**
 * Random streams named by what they are for, so that no two cases, splits or items ever share a draw. java.util.Random
 * because its algorithm is part of its contract: the same cases on every JDK.
 */
public final class ClinicSeeds {
    public static Random random(long seed, String purpose, long index) {
        try {
            byte[] name = (seed + "/" + purpose + "/" + index).getBytes(StandardCharsets.UTF_8);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(name);
            return new Random(ByteBuffer.wrap(hash).getLong());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    private ClinicSeeds() {}
}
