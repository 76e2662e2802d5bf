package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.testing.FileServer;
import ai.consilium.testing.FileServer.Asked;
import ai.consilium.testing.FileServer.Fault;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FetcherTest {
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
    void givenADirectoryOnAWebServerWhenFetchedThenItsFilesAreHereUnderTheirNames() throws Exception {
        rig.server()
                .put(
                        "sets/clinic",
                        Map.of(
                                "train.jsonl", FetchRig.text("cases"),
                                "images/a b#1%.png", FetchRig.text("picture"),
                                "images/größe?.png", FetchRig.text("another"),
                                "empty", new byte[0]));

        Path here = rig.fetch(rig.fetcher(), "sets/clinic");

        assertThat(here.getFileName()).hasToString("clinic");
        assertThat(here.resolve("train.jsonl")).hasContent("cases");
        assertThat(here.resolve("images/a b#1%.png")).hasContent("picture");
        assertThat(here.resolve("images/größe?.png")).hasContent("another");
        assertThat(here.resolve("empty")).isEmptyFile();
        assertThat(Files.isWritable(here.resolve("train.jsonl")) && !"root".equals(System.getProperty("user.name")))
                .isFalse();
    }

    @Test
    void givenFilesThatAreHereWhenFetchedAgainThenOnlyTheListIsAskedFor() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1"), "b", FetchRig.text("2")));
        Path first = rig.fetch(rig.fetcher(), "set");
        rig.server().forget();

        assertThat(rig.fetch(rig.fetcher(), "set")).isEqualTo(first);
        assertThat(rig.server().askedPaths()).containsExactly("/set/SHA256SUMS");
    }

    @Test
    void givenAChangedListWhenFetchedThenOnlyWhatChangedIsAskedForAndTheOldTreeStays() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1"), "b", FetchRig.text("2")));
        Path before = rig.fetch(rig.fetcher(), "set");
        rig.server().put("set", Map.of("a", FetchRig.text("1"), "b", FetchRig.text("other")));
        rig.server().forget();

        Path after = rig.fetch(rig.fetcher(), "set");

        assertThat(rig.server().askedPaths()).containsExactly("/set/SHA256SUMS", "/set/b");
        assertThat(after.resolve("b")).hasContent("other");
        assertThat(before.resolve("b")).hasContent("2");
    }

    @Test
    void givenTwoSourcesWithTheSameFileWhenFetchedThenItIsAskedForOnceAndKeptOnce() throws Exception {
        rig.server().put("one", Map.of("weights", FetchRig.text("the same"), "a", FetchRig.text("1")));
        rig.server()
                .put(
                        "two",
                        Map.of(
                                "renamed",
                                FetchRig.text("the same"),
                                "twice",
                                FetchRig.text("the same"),
                                "b",
                                FetchRig.text("2")));

        Path one = rig.fetch(rig.fetcher(), "one");
        Path two = rig.fetch(rig.fetcher(), "two");

        assertThat(rig.server().askedPaths())
                .containsExactlyInAnyOrder("/one/SHA256SUMS", "/one/weights", "/one/a", "/two/SHA256SUMS", "/two/b");
        assertThat(Files.isSameFile(one.resolve("weights"), two.resolve("renamed")))
                .isTrue();
        assertThat(two.resolve("twice")).hasContent("the same");
    }

    @Test
    void givenAConnectionThatIsCutWhenFetchedThenItGoesOnWhereItWas() throws Exception {
        byte[] weights = FetchRig.noise(3 * MIB, 1);
        rig.server().put("model", Map.of("weights", weights));
        rig.server().fail("/model/weights", Fault.cutAfter(MIB), Fault.cutAfter(MIB / 2), Fault.status(503));

        assertThat(rig.fetch(rig.fetcher(), "model").resolve("weights")).hasBinaryContent(weights);
        assertThat(rig.server().asked("/model/weights"))
                .extracting(Asked::range)
                .containsExactly(
                        null, "bytes=" + MIB + "-", "bytes=" + 3 * MIB / 2 + "-", "bytes=" + 3 * MIB / 2 + "-");
    }

    @Test
    void givenAFetchThatWasGivenUpWhenFetchedAgainThenItGoesOnWhereItWas() throws Exception {
        byte[] weights = FetchRig.noise(2 * MIB, 2);
        rig.server().put("model", Map.of("weights", weights));
        rig.server()
                .fail("/model/weights", Fault.cutAfter(MIB), Fault.status(500), Fault.status(500), Fault.status(500));
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "model"))
                .isInstanceOf(FetchException.class)
                .hasMessage(rig.server().url("/model/") + ": weights: nothing new came in 3 tries: HTTP 500");
        rig.server().forget();

        assertThat(rig.fetch(rig.fetcher(), "model").resolve("weights")).hasBinaryContent(weights);
        assertThat(rig.server().asked("/model/weights"))
                .extracting(Asked::range)
                .containsExactly("bytes=" + MIB + "-");
    }

    @Test
    void givenAServerThatKnowsNoPartsWhenCutThenTheFileIsFetchedFromItsBeginning() throws Exception {
        byte[] weights = FetchRig.noise(MIB, 3);
        rig.server().put("model", Map.of("weights", weights));
        rig.server().fail("/model/weights", Fault.cutAfter(MIB / 2));
        rig.server().knowsNoParts();

        assertThat(rig.fetch(rig.fetcher(), "model").resolve("weights")).hasBinaryContent(weights);
    }

    @Test
    void givenABrokenPartOfAnEarlierFetchWhenFetchedThenTheFileIsFetchedAnew() throws Exception {
        byte[] weights = FetchRig.noise(MIB, 4);
        rig.server().put("model", Map.of("weights", weights));
        rig.server().fail("/model/weights", Fault.cutAfter(MIB / 2), Fault.status(404));
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "model")).hasMessageContaining("HTTP 404");
        Path part = FetchRig.filesBelow(rig.cache()).stream()
                .filter(file -> file.endsWith(DigestUtils.sha256Hex(weights)))
                .findFirst()
                .orElseThrow();
        Files.write(part, new byte[MIB / 4]);

        assertThat(rig.fetch(rig.fetcher(), "model").resolve("weights")).hasBinaryContent(weights);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 500, 503})
    void givenAnIllServerWhenItRecoversThenNothingIsLost(int status) throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        rig.server().fail("/set/SHA256SUMS", Fault.status(status));
        rig.server().fail("/set/a", Fault.status(status), Fault.status(status));

        assertThat(rig.fetch(rig.fetcher(), "set").resolve("a")).hasContent("1");
    }

    @Test
    void givenASourceThatIsAwayWhenThisHostHasItsFilesThenTheyAreUsed() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));
        Path first = rig.fetch(rig.fetcher(), "set");
        Fault[] ill = {Fault.status(500), Fault.status(500), Fault.status(500)};
        rig.server().fail("/set/SHA256SUMS", ill);

        assertThat(rig.fetch(rig.fetcher(), "set")).isEqualTo(first);

        // One that says no is believed.
        rig.server().fail("/set/SHA256SUMS", Fault.status(401));
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "set")).hasMessageContaining("HTTP 401: not allowed");

        rig.server().fail("/other/SHA256SUMS", ill);
        assertThatThrownBy(() -> rig.fetch(rig.fetcher(), "other"))
                .isInstanceOf(FetchException.class)
                .hasMessage(rig.server().url("/other/")
                        + ": SHA256SUMS: no answer in 3 tries: java.io.IOException: HTTP 500");
    }

    @Test
    void givenATokenWhenFetchedThenItIsSentToTheServerThatWasNamedOnly() throws Exception {
        try (FileServer other = new FileServer()) {
            other.file("/elsewhere", FetchRig.text("1"));
            rig.server().put("set", Map.of("a", FetchRig.text("1"), "b", FetchRig.text("2")));
            rig.server().fail("/set/a", Fault.redirect(other.url("/elsewhere")));
            rig.server().fail("/set/b", Fault.redirect("/moved"));
            rig.server().file("/moved", FetchRig.text("2"));

            assertThat(rig.fetch(rig.fetcher(1, "secret"), "set").resolve("a")).hasContent("1");

            assertThat(rig.server().asked("/set/SHA256SUMS"))
                    .extracting(Asked::authorization)
                    .containsExactly("Bearer secret");
            assertThat(rig.server().asked("/moved"))
                    .extracting(Asked::authorization)
                    .containsExactly("Bearer secret");
            assertThat(other.asked("/elsewhere"))
                    .extracting(Asked::authorization)
                    .containsExactly((String) null);
        }
    }

    @Test
    void givenAUserAndAPasswordWhenFetchedThenTheyAreSentAsSuch() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.text("1")));

        rig.fetch(rig.fetcher(1, "user:secret"), "set");

        assertThat(rig.server().asked("/set/a"))
                .extracting(Asked::authorization)
                .containsExactly("Basic dXNlcjpzZWNyZXQ=");
    }

    @Test
    void givenAFetchThenItsProgressIsToldInBytes() throws Exception {
        rig.server().put("set", Map.of("a", FetchRig.noise(MIB, 1), "b", FetchRig.noise(MIB, 2)));
        List<FetchProgress.Stage> stages = new ArrayList<>();
        rig.open(rig.fetcher(), "set").directory(new FetchProgress() {
            @Override
            public void at(Stage stage) {
                stages.add(stage);
            }

            @Override
            public void waiting(String source) {
                throw new AssertionError("nobody else fetches");
            }
        });

        assertThat(stages.get(stages.size() - 1))
                .isEqualTo(new FetchProgress.Stage(rig.server().url("/set/"), 2, 2, 2L * MIB, 2L * MIB));
    }
}
