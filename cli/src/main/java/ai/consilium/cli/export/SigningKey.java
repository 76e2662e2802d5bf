package ai.consilium.cli.export;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A private key of an elliptic curve from a PEM file, as OpenSSL writes it: {@code EC PRIVATE KEY} (SEC 1) or
 * {@code PRIVATE KEY} (PKCS #8), not encrypted, on P-256, P-384 or P-521.
 */
final class SigningKey {
    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ((?:EC |ENCRYPTED )?PRIVATE KEY)-----([^-]+)-----END \\1-----");
    private static final DerValue EC = new DerValue(DerValue.OBJECT_ID, hex("2a8648ce3d0201"));
    /** Which hash signatures of a curve are made with. */
    private static final Map<DerValue, String> HASHES = Map.of(
            new DerValue(DerValue.OBJECT_ID, hex("2a8648ce3d030107")), "SHA256withECDSA",
            new DerValue(DerValue.OBJECT_ID, hex("2b81040022")), "SHA384withECDSA",
            new DerValue(DerValue.OBJECT_ID, hex("2b81040023")), "SHA512withECDSA");

    private static final int PARAMETERS = 0xa0;
    private static final int PUBLIC_KEY = 0xa1;

    private final PrivateKey key;
    private final String algorithm;
    private final String publicPem;

    private SigningKey(PrivateKey key, String algorithm, String publicPem) {
        this.key = key;
        this.algorithm = algorithm;
        this.publicPem = publicPem;
    }

    /** Reads one. @throws UsageException saying what is wrong with the file; never what is in it */
    static SigningKey read(Path file) {
        try {
            Matcher block = BLOCK.matcher(Files.readString(file));
            if (!block.find()) {
                throw refused(file, "contains no private key in PEM");
            }
            byte[] der = Base64.getMimeDecoder().decode(block.group(2));
            return switch (block.group(1)) {
                case "EC PRIVATE KEY" -> sec1(file, DerValue.all(der).get(0).children(), null);
                case "PRIVATE KEY" -> pkcs8(file, DerValue.all(der).get(0).children());
                default ->
                    throw refused(
                            file,
                            "is encrypted; give a copy that is not: openssl pkcs8 -in FILE -nocrypt -topk8 -out COPY");
            };
        } catch (IOException e) {
            throw refused(file, "cannot be read");
        } catch (IllegalArgumentException | IndexOutOfBoundsException | GeneralSecurityException e) {
            throw refused(file, "contains no usable private key of an elliptic curve");
        }
    }

    private static UsageException refused(Path file, String what) {
        return new UsageException("--sign-key: " + file + " " + what);
    }

    /** version, { algorithm, curve }, key. */
    private static SigningKey pkcs8(Path file, List<DerValue> info) throws GeneralSecurityException {
        List<DerValue> algorithm = info.get(1).children();
        if (!algorithm.get(0).equals(EC)) {
            throw refused(
                    file, "is not of an elliptic curve: openssl ecparam -name prime256v1 -genkey -noout -out FILE");
        }
        return sec1(file, DerValue.all(info.get(2).content()).get(0).children(), algorithm.get(1));
    }

    /** version, key, [0] curve, [1] public key. @param named the curve, where the key is inside of another structure */
    private static SigningKey sec1(Path file, List<DerValue> parts, @Nullable DerValue named)
            throws GeneralSecurityException {
        DerValue curve = named;
        DerValue open = null;
        for (DerValue part : parts) {
            if (part.tag() == PARAMETERS && curve == null) {
                curve = part.children().get(0);
            } else if (part.tag() == PUBLIC_KEY) {
                open = part.children().get(0);
            }
        }
        String algorithm = curve == null ? null : HASHES.get(curve);
        if (curve == null || algorithm == null) {
            throw refused(file, "is on another curve than P-256, P-384 and P-521");
        }
        if (open == null) {
            throw refused(file, "lacks the public key; add it: openssl ec -in FILE -out COPY");
        }
        DerValue spelled = DerValue.sequence(EC, curve);
        DerValue whole = DerValue.sequence(
                new DerValue(DerValue.INTEGER, new byte[] {0}),
                spelled,
                new DerValue(
                        DerValue.OCTET_STRING,
                        DerValue.sequence(parts.toArray(DerValue[]::new)).encoded()));
        return new SigningKey(
                KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(whole.encoded())),
                algorithm,
                pem(DerValue.sequence(spelled, open).encoded()));
    }

    private static byte[] hex(String digits) {
        return HexFormat.of().parseHex(digits);
    }

    private static String pem(byte[] der) {
        byte[] newline = {'\n'};
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder(64, newline).encodeToString(der)
                + "\n-----END PUBLIC KEY-----\n";
    }

    /** The public key as PEM. */
    String publicPem() {
        return publicPem;
    }

    /** SHA-256 (hex) of that PEM, by which a signature says whose it is. */
    String hint() {
        return DigestUtils.sha256Hex(publicPem.getBytes(StandardCharsets.US_ASCII));
    }

    /** Signature of some bytes, in DER. */
    byte[] sign(byte[] content) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the key of --sign-key cannot sign: " + e.getMessage(), e);
        }
    }
}
