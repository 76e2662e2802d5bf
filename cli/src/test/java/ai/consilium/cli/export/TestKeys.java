package ai.consilium.cli.export;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.interfaces.ECPrivateKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** Keys in the files that OpenSSL writes. */
final class TestKeys {
    private TestKeys() {}

    static KeyPair pair(String curve) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec(curve));
        return generator.generateKeyPair();
    }

    /** As {@code openssl ecparam -genkey -noout} does. */
    static Path sec1(Path file, KeyPair pair) throws IOException {
        return pem(file, "EC PRIVATE KEY", body(pair, true).encoded());
    }

    /** As {@code openssl genpkey} does. */
    static Path pkcs8(Path file, KeyPair pair, boolean withPublic) throws IOException {
        DerValue algorithm =
                DerValue.all(pair.getPublic().getEncoded()).get(0).children().get(0);
        DerValue info = DerValue.sequence(
                new DerValue(DerValue.INTEGER, new byte[1]),
                algorithm,
                new DerValue(DerValue.OCTET_STRING, body(pair, withPublic).encoded()));
        return pem(file, "PRIVATE KEY", info.encoded());
    }

    private static DerValue body(KeyPair pair, boolean withPublic) {
        var spki = DerValue.all(pair.getPublic().getEncoded()).get(0).children();
        DerValue version = new DerValue(DerValue.INTEGER, new byte[] {1});
        ECPrivateKey key = (ECPrivateKey) pair.getPrivate();
        int size = (key.getParams().getCurve().getField().getFieldSize() + 7) / 8;
        byte[] number = key.getS().toByteArray();
        byte[] secret = new byte[size];
        int from = Math.max(0, number.length - size);
        System.arraycopy(number, from, secret, size - (number.length - from), number.length - from);
        DerValue octets = new DerValue(DerValue.OCTET_STRING, secret);
        DerValue curve = new DerValue(0xa0, spki.get(0).children().get(1).encoded());
        return withPublic
                ? DerValue.sequence(
                        version, octets, curve, new DerValue(0xa1, spki.get(1).encoded()))
                : DerValue.sequence(version, octets, curve);
    }

    static Path pem(Path file, String kind, byte[] der) throws IOException {
        byte[] newline = {'\n'};
        return Files.writeString(
                file,
                "-----BEGIN " + kind + "-----\n"
                        + Base64.getMimeEncoder(64, newline).encodeToString(der) + "\n-----END " + kind + "-----\n",
                StandardCharsets.US_ASCII);
    }
}
