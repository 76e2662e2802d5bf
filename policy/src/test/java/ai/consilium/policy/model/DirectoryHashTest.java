package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class DirectoryHashTest {
    private static final Instant LONG_AGO = Instant.parse("2026-01-02T03:04:05.678901234Z");
    private static final String HASH = DigestUtils.sha256Hex("a.binone" + "b.jsontwo");

    @TempDir
    Path directory;

    private Path beside;
    private Path elsewhere;

    @BeforeEach
    void write() throws IOException {
        beside = directory.resolve(DirectoryHash.REMEMBERED);
        elsewhere = directory.resolve("cache/deep/one.json");
        write("a.bin", "one", LONG_AGO);
        write("b.json", "two", LONG_AGO);
    }

    private void write(String file, String content, Instant modified) throws IOException {
        Files.writeString(directory.resolve(file), content);
        Files.setLastModifiedTime(directory.resolve(file), FileTime.from(modified));
    }

    private String hash(Path... places) {
        return new DirectoryHash(directory, new TreeSet<>(List.of("a.bin", "b.json")), List.of(places), 1).value();
    }

    /** What is remembered says something else than the files: who answers so has not read them. */
    private static void forge(Path place) throws IOException {
        Files.writeString(place, Files.readString(place).replace(HASH, "remembered"));
    }

    @Test
    void givenFilesThatAreAsTheyWereWhenHashedAgainThenTheyAreNotRead() throws IOException {
        assertThat(hash(beside)).isEqualTo(HASH);
        forge(beside);

        assertThat(hash(beside)).isEqualTo("remembered");
    }

    @Test
    void givenAFileOfTheSameSizeWithAnotherTimeWhenHashedThenItIsReadAgain() throws IOException {
        hash(beside);
        write("a.bin", "eno", LONG_AGO.plusNanos(1));

        assertThat(hash(beside)).isEqualTo(DigestUtils.sha256Hex("a.binenob.jsontwo"));
    }

    @Test
    void givenAFileReplacedByOneOfTheSameSizeAndTimeWhenHashedThenItIsReadAgain() throws IOException {
        hash(beside);
        write("new", "eno", LONG_AGO);
        Files.move(
                directory.resolve("new"),
                directory.resolve("a.bin"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertThat(hash(beside)).isEqualTo(DigestUtils.sha256Hex("a.binenob.jsontwo"));
    }

    @Test
    void givenAFileThatWasWrittenThisMomentWhenHashedThenNothingIsRemembered() throws IOException {
        write("a.bin", "one", Instant.now());

        assertThat(hash(beside)).isEqualTo(HASH);
        assertThat(beside).doesNotExist();
    }

    @Test
    void givenADirectoryThatCannotBeWrittenWhenHashedThenTheUsersCacheRemembers() throws IOException {
        Path closed = directory.resolve("a.bin").resolve("no directory");

        assertThat(hash(closed, elsewhere)).isEqualTo(HASH);
        forge(elsewhere);
        assertThat(hash(closed, elsewhere)).isEqualTo("remembered");
    }

    @Test
    void givenABrokenCacheWhenHashedThenItIsMadeAnew() throws IOException {
        Files.writeString(beside, "{\"sha256\": \"1\", \"fi");

        assertThat(hash(beside)).isEqualTo(HASH);
        assertThat(beside).content().contains(HASH);
    }

    @Test
    void givenASmallModelWhenHashedThenNothingIsLeftBeside() throws IOException {
        Path model = directory.resolve("model");
        ModelDirectory opened = RandomModel.create(model, RandomModel.small(), 1);
        Files.setLastModifiedTime(model.resolve("model.safetensors"), FileTime.from(LONG_AGO));

        assertThat(opened.hash()).hasSize(64);
        assertThat(model.resolve(DirectoryHash.REMEMBERED)).doesNotExist();
    }
}
