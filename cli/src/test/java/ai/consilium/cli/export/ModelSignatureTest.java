package ai.consilium.cli.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ModelSignatureTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private Path model;

    @BeforeEach
    void aModel() throws IOException {
        model = dir.resolve("model");
        Files.createDirectories(model.resolve("a-b"));
        Files.writeString(model.resolve("adapter_config.json"), "{}");
        Files.writeString(model.resolve("a-b/x"), "x");
        Files.createDirectories(model.resolve("a"));
        Files.writeString(model.resolve("a/y"), "y");
    }

    private JsonNode statement(JsonNode bundle) throws IOException {
        return JSON.readTree(
                Base64.getDecoder().decode(bundle.at("/dsseEnvelope/payload").asText()));
    }

    private JsonNode sign(SigningKey key) throws IOException {
        ModelSignature.write(model, key);
        return JSON.readTree(model.resolve(ModelSignature.FILE).toFile());
    }

    @ParameterizedTest
    @CsvSource({"secp256r1, SHA256withECDSA", "secp384r1, SHA384withECDSA", "secp521r1, SHA512withECDSA"})
    void givenAKeyOfACurveWhenSignedThenItsPublicKeyVerifiesTheEnvelope(String curve, String algorithm)
            throws Exception {
        KeyPair pair = TestKeys.pair(curve);

        for (Path file : List.of(
                TestKeys.sec1(dir.resolve("sec1.pem"), pair), TestKeys.pkcs8(dir.resolve("pkcs8.pem"), pair, true))) {
            JsonNode bundle = sign(SigningKey.read(file));

            byte[] payload = Base64.getDecoder()
                    .decode(bundle.at("/dsseEnvelope/payload").asText());
            Signature verifier = Signature.getInstance(algorithm);
            verifier.initVerify(pair.getPublic());
            verifier.update(ModelSignature.preAuthentication(payload));
            assertThat(verifier.verify(Base64.getDecoder()
                            .decode(bundle.at("/dsseEnvelope/signatures/0/sig").asText())))
                    .isTrue();
        }
    }

    @Test
    void givenADirectoryWhenSignedThenEveryFileIsNamedOnceInTheOrderOfItsParts() throws Exception {
        KeyPair pair = TestKeys.pair("secp256r1");
        SigningKey key = SigningKey.read(TestKeys.sec1(dir.resolve("key.pem"), pair));

        sign(key);
        JsonNode bundle = sign(key);

        JsonNode statement = statement(bundle);
        List<String> names = new ArrayList<>();
        statement
                .at("/predicate/resources")
                .forEach(file -> names.add(file.path("name").asText()));
        assertThat(names).containsExactly("a/y", "a-b/x", "adapter_config.json");
        assertThat(statement.at("/predicate/resources/0/digest").asText()).isEqualTo(DigestUtils.sha256Hex("y"));
        assertThat(statement.path("predicateType").asText()).isEqualTo("https://model_signing/signature/v1.0");
        assertThat(bundle.at("/verificationMaterial/publicKey/hint").asText())
                .isEqualTo(DigestUtils.sha256Hex(key.publicPem()));
    }

    @Test
    void givenAKeyThatCannotBeUsedWhenReadThenItIsRefusedInALineThatNamesTheFile() throws Exception {
        KeyPair pair = TestKeys.pair("secp256r1");
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        Path file = dir.resolve("key.pem");

        assertRefused(file, "cannot be read");
        Files.writeString(file, "hello");
        assertRefused(file, "contains no private key in PEM");
        TestKeys.pem(file, "ENCRYPTED PRIVATE KEY", new byte[9]);
        assertRefused(file, "is encrypted; give a copy that is not: openssl pkcs8 -in FILE -nocrypt -topk8 -out COPY");
        TestKeys.pem(file, "PRIVATE KEY", rsa.getPrivate().getEncoded());
        assertRefused(file, "is not of an elliptic curve: openssl ecparam -name prime256v1 -genkey -noout -out FILE");
        TestKeys.pkcs8(file, pair, false);
        assertRefused(file, "lacks the public key; add it: openssl ec -in FILE -out COPY");
        byte[] cut = Arrays.copyOf(pair.getPrivate().getEncoded(), 30);
        TestKeys.pem(file, "PRIVATE KEY", cut);
        assertRefused(file, "contains no usable private key of an elliptic curve");
    }

    private static void assertRefused(Path file, String why) {
        assertThatThrownBy(() -> SigningKey.read(file))
                .isInstanceOf(UsageException.class)
                .hasMessage("--sign-key: " + file + " " + why);
    }

    @Test
    void givenTheReferenceImplementationWhenItVerifiesThenItAcceptsAndAfterAChangeRefuses() throws Exception {
        Optional<Path> command = onPath("model_signing");
        assumeTrue(command.isPresent(), "model_signing (PyPI model-signing) is not on the path");
        SigningKey key = SigningKey.read(TestKeys.sec1(dir.resolve("key.pem"), TestKeys.pair("secp384r1")));
        Path open = Files.writeString(dir.resolve("public.pem"), key.publicPem());
        sign(key);

        assertThat(verify(command.get(), open)).isZero();
        Files.writeString(model.resolve("a/y"), "z");
        assertThat(verify(command.get(), open)).isNotZero();
    }

    private int verify(Path command, Path open) throws Exception {
        Process process = new ProcessBuilder(
                        command.toString(),
                        "verify",
                        "key",
                        model.toString(),
                        "--signature",
                        model.resolve(ModelSignature.FILE).toString(),
                        "--public_key",
                        open.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("out.txt").toFile())
                .start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue();
    }

    private static Optional<Path> onPath(String command) {
        return Arrays.stream(System.getenv().getOrDefault("PATH", "").split(":"))
                .map(entry -> Path.of(entry, command))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
