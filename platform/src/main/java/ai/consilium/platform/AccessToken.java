package ai.consilium.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/** The secret by which what other machines can reach is opened. Compared in constant time, and never shown. */
public final class AccessToken {
    private static final int SHORTEST = 16;
    private static final int RANDOM_BYTES = 24;

    private static final FileAttribute<?> OWNER_ONLY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private static final String BEARER = "Bearer ";

    private final byte[] digest;
    private final byte[] cookie;

    private AccessToken(String token) {
        this.digest = DigestUtils.sha256(token);
        // A cookie is stored by browsers: it opens this page, but does not tell the token.
        this.cookie =
                DigestUtils.sha256Hex("consilium monitor cookie\n" + token).getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Reads a token; where the file is missing, makes a random one that its owner alone may read. Of several processes that share
     * the file, one makes it.
     *
     * @param key configuration key of the file, for messages
     * @throws UsageException when the file cannot be read or written, or holds less than 16 characters
     */
    public static AccessToken readOrMake(Path file, String key) {
        try {
            if (Files.notExists(file)) {
                make(file);
            }
            String token = Files.readString(file).strip();
            if (token.length() < SHORTEST) {
                throw new UsageException(key + ": " + file + " has a token of " + token.length()
                        + " characters; it must have at least " + SHORTEST);
            }
            return new AccessToken(token);
        } catch (IOException e) {
            throw new UsageException(key + ": " + file + " cannot be read or written: " + e.getMessage(), e);
        }
    }

    private static void make(Path file) throws IOException {
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        Path whole = Files.createTempFile(file.toAbsolutePath().getParent(), ".token", "", OWNER_ONLY);
        try {
            Files.writeString(whole, HexFormat.of().formatHex(random) + "\n");
            // Unlike a move, a link leaves alone what another process has put there, and unlike a new file it is never
            // empty.
            Files.createLink(file, whole);
        } catch (FileAlreadyExistsException e) {
            // The other one's token is as good.
        } finally {
            Files.delete(whole);
        }
    }

    /** Whether this is the token. */
    public boolean opens(String given) {
        return MessageDigest.isEqual(DigestUtils.sha256(given), digest);
    }

    /** Whether an {@code Authorization} header bears the token. @param header null for none */
    public boolean opensHeader(@Nullable String header) {
        return header != null
                && header.startsWith(BEARER)
                && opens(header.substring(BEARER.length()).strip());
    }

    /** Whether this is the cookie. */
    public boolean isCookie(String given) {
        return MessageDigest.isEqual(given.getBytes(StandardCharsets.UTF_8), cookie);
    }

    /** What a browser keeps once it has given the token. */
    public String cookie() {
        return new String(cookie, StandardCharsets.US_ASCII);
    }
}
