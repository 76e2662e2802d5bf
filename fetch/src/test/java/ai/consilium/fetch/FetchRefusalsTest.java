package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.testing.FileServer.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetchRefusalsTest {
    private static final int MIB = 1 << 20;

    @TempDir
    private Path temporary;

    private FetchRig rig;

    @BeforeEach
    void start() throws IOException {
        rig = new FetchRig(temporary.resolve("cache"));
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
    }

    @Test
    void givenAFileThatIsNotTheListedOneWhenFetchedThenItIsRefusedWithBothHashes() throws Exception {
        rig.server().put("set", Map.of("images/a.png", FetchRig.text("right")));
        rig.server().file("/set/images/a.png", FetchRig.text("wrong"));

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessage(rig.server().url("/set/") + ": images/a.png has SHA-256 " + DigestUtils.sha256Hex("wrong")
                        + ", SHA256SUMS says " + DigestUtils.sha256Hex("right"));
        assertThat(rig.server().asked("/set/images/a.png")).hasSize(1);

        rig.server().file("/set/images/a.png", FetchRig.text("right"));
        assertThat(rig.fetch(rig.fetcher(), "set").resolve("images/a.png")).hasContent("right");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 401, 403, 404, 410})
    void givenAServerThatRefusesWhenFetchedThenTheFileIsNamedAndNotAskedForAgain(int status) {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        rig.server().fail("/set/a", Fault.status(status));

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith(rig.server().url("/set/") + ": a: HTTP " + status);
        assertThat(rig.server().asked("/set/a")).hasSize(1);
    }

    @Test
    void givenAServerThatKnowsNoPartsAndCutsEveryConnectionWhenFetchedThenThatEnds() {
        rig.server().put("model", Map.of("weights", FetchRig.noise(MIB, 1)));
        rig.server().knowsNoParts();
        Fault[] cuts = new Fault[20];
        for (int i = 0; i < cuts.length; i++) {
            cuts[i] = Fault.cutFromStartAfter(MIB / 4 * (1 + i % 2));
        }
        rig.server().fail("/model/weights", cuts);

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "model"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith(rig.server().url("/model/") + ": weights: nothing new came in 3 tries: ");
    }

    @Test
    void givenNoListWhenOpenedThenThatIsSaid() {
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "nothing"))
                .isInstanceOf(FetchException.class)
                .hasMessage(rig.server().url("/nothing/") + ": SHA256SUMS: HTTP 404: there is no such file");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../a",
                "/etc/passwd",
                "a/../../b",
                "a//b",
                "a/",
                "./../a",
                "a\\b",
                "..",
                "a/./b",
                "\u0001a",
                "a\u202egnp.b"
            })
    void givenAListThatLeadsOutWhenOpenedThenThePathIsRefusedByName(String path) {
        rig.server().list("set", "0".repeat(64) + "  fine\n" + "0".repeat(64) + "  " + path + "\n");

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessage(rig.server().url("/set/") + ": SHA256SUMS, line 2: '"
                        + path.replace('\u0001', '?').replace('\u202e', '?')
                        + "' is no plain path below the root, which is all that is fetched");
        assertThat(rig.server().askedPaths()).containsExactly("/set/SHA256SUMS");
    }

    @Test
    void givenMoreThanTheCacheMayHoldWhenFetchedThenWhatWasUsedLongestAgoGoesAndWhatIsInUseStays() throws Exception {
        for (int i = 0; i < 4; i++) {
            rig.server().put("set" + i, Map.of("a", FetchRig.noise(MIB, i)));
        }
        Fetcher fetcher = rig.fetcher(2.5 / 1024, null);
        Path[] here = new Path[4];
        here[0] = rig.fetch(fetcher, "set0");
        here[1] = rig.fetch(fetcher, "set1");
        rig.opened().get(0).close();
        rig.opened().get(1).close();
        // The first is used again, so that the second is the one that was used longest ago.
        here[0] = rig.fetch(fetcher, "set0");

        here[2] = rig.fetch(fetcher, "set2");

        assertThat(here[0]).exists();
        assertThat(here[1]).doesNotExist();
        assertThat(here[2]).exists();
        // Both are in use.
        assertThatThrownBy(() -> rig.fetch(fetcher, "set3"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith(
                        "cache.max_gib: " + rig.server().url("/set3/") + ": a needs 1 MiB, and of 3 MiB 2 are taken");
        assertThat(here[0]).exists();
        assertThat(FetchRig.filesBelow(rig.cache().resolve("objects"))).hasSize(2);
    }

    @Test
    void givenAFileThatIsLargerThanTheDiskWhenFetchedThenThatIsSaidBeforeItComes() {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        long petabyte = 1L << 50;
        rig.server().fail("/set/a", (exchange, file) -> exchange.sendResponseHeaders(200, petabyte));

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(1 << 20, null), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith("cache.dir: " + rig.server().url("/set/") + ": a needs " + (petabyte >> 20)
                        + " MiB, and the disk of " + rig.cache() + " has ");
    }

    @Test
    void givenACacheThatCannotBeWhenFetchedThenItsKeyIsNamed() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        Files.createFile(rig.cache());

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith("cache.dir: " + rig.cache() + " cannot be used: ");
    }

    @Test
    void givenATokenWhenTheAddressIsNotEncryptedThenItIsNotSent() {
        assertThatThrownBy(() -> rig.fetcher(1, "secret").open(SourceAddress.parse("http://files.example/set")))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("https only")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest?key=secret",
                "http://metadata.google.internal/secret",
                "ftp://h/x",
                "http:///x"
            })
    void givenARedirectionToWhereItMustNotGoWhenFetchedThenItIsNotFollowedNorRepeated(String to) {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        rig.server().fail("/set/a", Fault.redirect(to));

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .isInstanceOf(FetchException.class)
                .hasMessageStartingWith(rig.server().url("/set/") + ": a: ")
                .hasMessageNotContaining("secret");
    }

    @Test
    void givenARedirectionInACircleWhenFetchedThenItEnds() {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        Fault[] circle =
                Stream.generate(() -> Fault.redirect("/set/a")).limit(10).toArray(Fault[]::new);
        rig.server().fail("/set/a", circle);

        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set"))
                .hasMessageContaining("is redirected more than 5 times");
    }

    @Test
    void givenOneFileThatIsMissingWhenFetchedThenTheOthersAreKeptForTheNextTry() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1"), "b", FetchRig.text("2")));
        Path first = rig.cache().resolve("objects/6b").resolve(DigestUtils.sha256Hex("1"));
        rig.server().fail("/set/b", (exchange, file) -> {
            await().until(() -> Files.exists(first));
            exchange.sendResponseHeaders(404, -1);
        });
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set")).hasMessageContaining("HTTP 404");
        rig.server().forget();

        assertThat(rig.fetch(rig.fetcher(), "set").resolve("b")).hasContent("2");
        assertThat(rig.server().askedPaths()).containsExactly("/set/SHA256SUMS", "/set/b");
    }
}
