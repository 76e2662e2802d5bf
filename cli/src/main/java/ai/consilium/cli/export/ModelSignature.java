package ai.consilium.cli.export;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * An OpenSSF model signature ({@code model_signing} 1.x, method {@code key}): a Sigstore bundle 0.3 with a DSSE envelope over an
 * in-toto statement that names the SHA-256 of every file of a directory. Whoever has the public key checks it with
 * {@code model_signing verify key DIR --signature DIR/model.sig --public_key FILE}.
 */
final class ModelSignature {
    /** Name of the file in the directory that it signs. */
    static final String FILE = "model.sig";

    private static final String PAYLOAD_TYPE = "application/vnd.in-toto+json";
    private static final List<String> IGNORED = List.of(FILE, ".git", ".gitattributes", ".github", ".gitignore");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ModelSignature() {}

    /** Signs all that is in a directory. */
    static void write(Path directory, SigningKey key) throws IOException {
        byte[] payload = statement(directory).toPrettyString().getBytes(StandardCharsets.UTF_8);
        ObjectNode bundle = JSON.createObjectNode();
        bundle.put("mediaType", "application/vnd.dev.sigstore.bundle.v0.3+json");
        ObjectNode material = bundle.putObject("verificationMaterial");
        material.putObject("publicKey").put("hint", key.hint());
        material.putArray("tlogEntries");
        ObjectNode envelope = bundle.putObject("dsseEnvelope");
        envelope.put("payload", Base64.getEncoder().encodeToString(payload));
        envelope.put("payloadType", PAYLOAD_TYPE);
        envelope.putArray("signatures")
                .addObject()
                .put("sig", Base64.getEncoder().encodeToString(key.sign(preAuthentication(payload))))
                .put("keyid", "");
        Files.writeString(directory.resolve(FILE), bundle.toString());
    }

    /** What is signed in place of the payload itself (DSSE 1.0). */
    static byte[] preAuthentication(byte[] payload) {
        byte[] head = ("DSSEv1 " + PAYLOAD_TYPE.length() + " " + PAYLOAD_TYPE + " " + payload.length + " ")
                .getBytes(StandardCharsets.UTF_8);
        byte[] all = new byte[head.length + payload.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(payload, 0, all, head.length, payload.length);
        return all;
    }

    private static ObjectNode statement(Path directory) throws IOException {
        Path root = directory.toAbsolutePath().normalize();
        MessageDigest all = DigestUtils.getSha256Digest();
        ArrayNode resources = JSON.createArrayNode();
        for (Path file : files(root)) {
            byte[] digest;
            try (InputStream content = Files.newInputStream(root.resolve(file))) {
                digest = DigestUtils.sha256(content);
            }
            all.update(digest);
            resources
                    .addObject()
                    .put("algorithm", "sha256")
                    .put("digest", HexFormat.of().formatHex(digest))
                    .put("name", file.toString());
        }
        ObjectNode statement = JSON.createObjectNode();
        statement.put("_type", "https://in-toto.io/Statement/v1");
        ObjectNode subject = statement.putArray("subject").addObject();
        subject.put("name", String.valueOf(root.getFileName()));
        subject.putObject("digest").put("sha256", HexFormat.of().formatHex(all.digest()));
        statement.put("predicateType", "https://model_signing/signature/v1.0");
        ObjectNode predicate = statement.putObject("predicate");
        ObjectNode serialization = predicate.putObject("serialization");
        serialization.put("method", "files").put("hash_type", "sha256").put("allow_symlinks", false);
        IGNORED.forEach(serialization.putArray("ignore_paths")::add);
        predicate.set("resources", resources);
        return statement;
    }

    /** Relative paths, ordered part by part, as Python orders them. */
    private static List<Path> files(Path root) throws IOException {
        try (Stream<Path> found = Files.walk(root)) {
            return found.filter(Files::isRegularFile)
                    .map(root::relativize)
                    .filter(file -> !IGNORED.contains(file.getName(0).toString()))
                    .sorted(ModelSignature::byParts)
                    .toList();
        }
    }

    private static int byParts(Path one, Path other) {
        for (int i = 0; i < Math.min(one.getNameCount(), other.getNameCount()); i++) {
            int order = one.getName(i).toString().compareTo(other.getName(i).toString());
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(one.getNameCount(), other.getNameCount());
    }
}
