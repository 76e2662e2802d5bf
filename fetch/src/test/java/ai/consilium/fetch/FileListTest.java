package ai.consilium.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileListTest {
    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    @TempDir
    private Path directory;

    private static FileList parse(String text) throws FetchException {
        return FileList.parse("here", text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void givenListsAsToolsWriteThemThenTheyAreRead() throws Exception {
        FileList list =
                parse(A.toUpperCase(Locale.ROOT) + " *a b.bin\r\n\n" + B + "  ./images/x.png\n" + A + "  SHA256SUMS\n");

        assertThat(list.sha256ByPath()).containsExactly(Map.entry("a b.bin", A), Map.entry("images/x.png", B));
    }

    @Test
    void givenTheSameFilesInAnotherOrderThenItIsTheSameList() throws Exception {
        assertThat(parse(A + "  a\n" + B + "  b\n").sha256())
                .isEqualTo(parse(B + " *b\n" + A + "  ./a").sha256());
    }

    @Test
    void givenALineThatIsNoneThenItIsNamed() {
        assertThatThrownBy(() -> parse(A + "  a\n# a comment\n")).hasMessageStartingWith("here: SHA256SUMS, line 2: ");
        assertThatThrownBy(() -> parse("<html>")).hasMessageStartingWith("here: SHA256SUMS, line 1: ");
        assertThatThrownBy(() -> parse(A + "  a\n" + B + "  a\n"))
                .hasMessage("here: SHA256SUMS, line 2: 'a' is listed before with another hash");
        assertThatThrownBy(() -> parse(A + "  a\n" + A + "  a.b\n" + B + "  a/b\n"))
                .hasMessage("here: SHA256SUMS lists 'a' as a file and as a directory");
        assertThatThrownBy(() -> parse("\n")).hasMessage("here: SHA256SUMS lists no file");
        assertThatThrownBy(() -> FileList.parse("here", new byte[] {(byte) 0xff}))
                .hasMessage("here: SHA256SUMS is not UTF-8 text");
    }

    @Test
    void givenADirectoryWhenItsListIsWrittenThenSha256sumFindsEverythingRight() throws Exception {
        Files.createDirectories(directory.resolve("images"));
        Files.createDirectories(directory.resolve(".git"));
        Files.writeString(directory.resolve("train.jsonl"), "cases");
        Files.writeString(directory.resolve("images/größe 1.png"), "picture");
        Files.writeString(directory.resolve(".hidden"), "not listed");
        Files.writeString(directory.resolve(".git/config"), "not listed");

        int listed = new FileListWriter(DigestUtils::getSha256Digest).write(directory);

        assertThat(listed).isEqualTo(2);
        assertThat(new FileListWriter(DigestUtils::getSha256Digest).write(directory))
                .isEqualTo(2);
        Process check = new ProcessBuilder("sha256sum", "--check", "--strict", "SHA256SUMS")
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(check.waitFor()).as(said).isZero();
        assertThat(said.lines()).hasSize(2);
    }

    @Test
    void givenANameThatNoListCanHoldWhenWrittenThenItIsNamed() throws Exception {
        Files.writeString(directory.resolve("a\\b"), "");

        assertThatThrownBy(() -> new FileListWriter(DigestUtils::getSha256Digest).write(directory))
                .isInstanceOf(FetchException.class)
                .hasMessageContaining("'a\\b'");
    }
}
