package ai.consilium.policy.format;

import com.amazon.corretto.crypto.provider.AmazonCorrettoCryptoProvider;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.apache.commons.codec.digest.DigestUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** SHA-256 over much data. The JDK's needs the second compiler to be fast, which the launcher leaves out: 16 GB would take minutes. */
public final class FastSha256 {
    private static final Logger LOG = LoggerFactory.getLogger(FastSha256.class);

    private FastSha256() {}

    /** A digest; the JDK's where the native one cannot be loaded. */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256", AmazonCorrettoCryptoProvider.INSTANCE);
        } catch (NoSuchAlgorithmException | LinkageError e) {
            LOG.debug("the native digest cannot be loaded here", e);
            return DigestUtils.getSha256Digest();
        }
    }
}
