package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.objects.S3Bucket;
import ai.consilium.platform.objects.S3Settings;
import ai.consilium.testing.S3Server;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fetching from S3, against Adobe's S3Mock. */
class FetchBucketIT {
    private static final int MIB = 1 << 20;
    private static S3Server server;
    private static S3Bucket bucket;

    @TempDir
    private Path cache;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        server = S3Server.start();
        bucket = server.bucket();
    }

    @AfterAll
    static void stop() {
        bucket.close();
        server.close();
    }

    private Fetcher fetcher(S3Settings settings) {
        return new Fetcher(
                new FetchConfig(4, ""),
                new CacheConfig(cache.toString(), 1),
                settings,
                name -> null,
                DigestUtils::getSha256Digest,
                FetchRig.LITTLE);
    }

    private static SourceAddress address(String prefix) {
        return SourceAddress.parse("s3://" + S3Server.BUCKET + "/" + prefix);
    }

    private Path fetch(String prefix) throws IOException, InterruptedException {
        try (FetchedSource source = fetcher(server.settings()).open(address(prefix))) {
            return source.directory(FetchProgress.NONE);
        }
    }

    private static void put(String prefix, Map<String, byte[]> files) throws IOException {
        StringBuilder list = new StringBuilder();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            bucket.put(prefix + "/" + file.getKey(), file.getValue());
            list.append(DigestUtils.sha256Hex(file.getValue()))
                    .append("  ")
                    .append(file.getKey())
                    .append('\n');
        }
        bucket.put(prefix + "/" + FileList.NAME, list.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void givenAPrefixWhenFetchedThenItsFilesAreHereUnderTheirNames() throws Exception {
        byte[] weights = FetchRig.noise(3 * MIB, 1);
        put("models/7b", Map.of("weights", weights, "images/größe 1.png", FetchRig.text("picture")));

        Path here = fetch("models/7b");

        assertThat(here.getFileName()).hasToString("7b");
        assertThat(here.resolve("weights")).hasBinaryContent(weights);
        assertThat(here.resolve("images/größe 1.png")).hasContent("picture");
    }

    @Test
    void givenPartOfAFileWhenFetchedThenOnlyTheRestIsTaken() throws Exception {
        byte[] weights = FetchRig.noise(2 * MIB, 2);
        put("parts", Map.of("weights", weights));
        FileList list = FileList.parse("", bucket.get("parts/" + FileList.NAME).orElseThrow());
        Path incoming = cache.resolve("trees")
                .resolve(DigestUtils.sha256Hex("parts\n" + list.sha256()))
                .resolve(CachedTree.INCOMING);
        Files.createDirectories(incoming);
        Files.write(incoming.resolve(DigestUtils.sha256Hex(weights)), Arrays.copyOf(weights, MIB));
        long[] came = {0};

        try (FetchedSource source = fetcher(server.settings()).open(address("parts"))) {
            Path here = source.directory(new FetchProgress() {
                @Override
                public void at(Stage stage) {
                    came[0] = stage.bytes();
                }

                @Override
                public void waiting(String address) {
                    throw new AssertionError("nobody else fetches");
                }
            });
            assertThat(here.resolve("weights")).hasBinaryContent(weights);
        }
        assertThat(came[0]).isEqualTo(MIB);
    }

    @Test
    void givenAllOfAFileButNotItsNameWhenFetchedThenNothingMoreIsTaken() throws Exception {
        byte[] weights = FetchRig.noise(MIB, 3);
        put("whole", Map.of("weights", weights));
        FileList list = FileList.parse("", bucket.get("whole/" + FileList.NAME).orElseThrow());
        Path incoming = cache.resolve("trees")
                .resolve(DigestUtils.sha256Hex("whole\n" + list.sha256()))
                .resolve(CachedTree.INCOMING);
        Files.createDirectories(incoming);
        Files.write(incoming.resolve(DigestUtils.sha256Hex(weights)), weights);

        assertThat(fetch("whole").resolve("weights")).hasBinaryContent(weights);
    }

    @Test
    void givenWhatIsNotThereWhenFetchedThenItIsNamed() throws Exception {
        assertThatThrownBy(() -> fetch("nothing"))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("s3://" + S3Server.BUCKET + "/nothing")
                .hasMessageContaining("has no nothing/SHA256SUMS");

        bucket.put("lacks/SHA256SUMS", (DigestUtils.sha256Hex("a") + "  a\n").getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> fetch("lacks"))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("has no lacks/a")
                .hasMessageNotContaining(S3Server.SECRET);

        assertThatThrownBy(() -> fetcher(server.settings()).open(SourceAddress.parse("s3://not-there/x")))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("s3://not-there");
    }

    @Test
    void givenAnObjectThatIsNotTheListedOneWhenFetchedThenItIsRefusedWithBothHashes() throws Exception {
        put("wrong", Map.of("a", FetchRig.text("right")));
        bucket.put("wrong/a", FetchRig.text("wrong"));

        assertThatThrownBy(() -> fetch("wrong"))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("a has SHA-256 " + DigestUtils.sha256Hex("wrong") + ", SHA256SUMS says "
                        + DigestUtils.sha256Hex("right"));
    }

    @Test
    void givenNoServerWhenOpenedThenThatIsSaidWithoutSecrets() {
        S3Settings nobody = new S3Settings("http://127.0.0.1:9", "", true);

        assertThatThrownBy(() -> fetcher(nobody).open(address("models/7b")))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("s3://" + S3Server.BUCKET + "/models/7b: SHA256SUMS: no answer")
                .hasMessageNotContaining(S3Server.SECRET);
    }
}
