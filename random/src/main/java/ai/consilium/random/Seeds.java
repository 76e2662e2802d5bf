package ai.consilium.random;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Seeds and names that follow from others by SHA-256, so that nothing depends on what was drawn before. */
public final class Seeds {
    /** A seed for one purpose: the first eight bytes of the hash of "seed/purpose". */
    public static long derive(long seed, String purpose) {
        byte[] hash = sha256().digest((seed + "/" + purpose).getBytes(StandardCharsets.UTF_8));
        return ByteBuffer.wrap(hash).getLong();
    }

    /** A fresh SHA-256. */
    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Seeds() {}
}
