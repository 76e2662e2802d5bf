package ai.consilium.cli.directory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ShellWordTest {
    @ParameterizedTest
    @ValueSource(strings = {"runs/20261126-000049", "/tmp/x y/runs/a", "a'b", "$HOME;ls"})
    void givenAPathWhenAShellReadsTheWordThenItIsThatPath(String path) throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "printf %s " + ShellWord.of(Path.of(path))).start();

        assertThat(new String(shell.getInputStream().readAllBytes(), UTF_8)).isEqualTo(path);
    }
}
