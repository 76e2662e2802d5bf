package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;

/**
 * A key of a broker and the certificate that its clients trust, as the PEM files that Kafka reads. Made by the JDK's keytool.
 *
 * @param keystore private key and certificate
 * @param certificate certificate, which is its own authority
 */
record PemFiles(Path keystore, Path certificate) {
    private static final String PASSWORD = "changeit";
    private static final String ALIAS = "broker";

    /** Of a host. @param directory for the files */
    static PemFiles make(Path directory, String address) {
        try {
            Files.createDirectories(directory);
            Path store = directory.resolve("broker.p12");
            OtherProgram.Result made = OtherProgram.run(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    ALIAS,
                    "-keyalg",
                    "EC",
                    "-groupname",
                    "secp256r1",
                    "-dname",
                    "CN=" + address,
                    "-ext",
                    "SAN=IP:" + address,
                    "-validity",
                    "2",
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    store.toString(),
                    "-storepass",
                    PASSWORD);
            assertThat(made.code()).as(made.text() + made.errors()).isZero();
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            Key key = keys.getKey(ALIAS, PASSWORD.toCharArray());
            Certificate certificate = keys.getCertificate(ALIAS);
            String trusted = pem("CERTIFICATE", certificate.getEncoded());
            return new PemFiles(
                    Files.writeString(directory.resolve("broker.pem"), pem("PRIVATE KEY", key.getEncoded()) + trusted),
                    Files.writeString(directory.resolve("ca.crt"), trusted));
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException("no key could be made", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static String pem(String what, byte[] encoded) {
        String text = Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(encoded);
        return "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n".formatted(what, text);
    }
}
