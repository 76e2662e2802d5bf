package ai.consilium.monitor.web;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;

/** The secret by which a page that other machines can reach is opened. Compared in constant time, and never shown. */
public final class AccessToken {
    private static final int SHORTEST = 16;
    private static final int RANDOM_BYTES = 24;

    private final byte[] digest;
    private final byte[] cookie;

    private AccessToken(String token) {
        this.digest = DigestUtils.sha256(token);
        // A cookie is stored by browsers: it opens this page, but does not tell the token.
        this.cookie =
                DigestUtils.sha256Hex("consilium monitor cookie\n" + token).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads a token; where the file is missing, makes a random one that its owner alone may read.
     *
     * @throws UsageException when the file cannot be read or written, or holds less than 16 characters
     */
    public static AccessToken readOrMake(Path file) {
        try {
            if (Files.notExists(file)) {
                make(file);
            }
            String token = Files.readString(file).strip();
            if (token.length() < SHORTEST) {
                throw new UsageException("monitor.token_file: " + file + " has a token of " + token.length()
                        + " characters; it must have at least " + SHORTEST);
            }
            return new AccessToken(token);
        } catch (IOException e) {
            throw new UsageException(
                    "monitor.token_file: " + file + " cannot be read or written: " + e.getMessage(), e);
        }
    }

    private static void make(Path file) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (FileAlreadyExistsException e) {
            return;
        }
        Files.writeString(file, HexFormat.of().formatHex(random) + "\n");
    }

    boolean opens(String given) {
        return MessageDigest.isEqual(DigestUtils.sha256(given), digest);
    }

    boolean isCookie(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), cookie);
    }

    String cookie() {
        return new String(cookie, StandardCharsets.US_ASCII);
    }
}
