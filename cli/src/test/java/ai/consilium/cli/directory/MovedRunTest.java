package ai.consilium.cli.directory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run directory keeps of itself, so that it may be renamed or moved. */
class MovedRunTest {
    private final ConsiliumConfig config = new ConfigOptions(Map.of()).load().config();

    @TempDir
    private Path directory;

    private Path run;

    @BeforeEach
    void createRun() throws IOException {
        run = Files.createDirectory(directory.resolve("First Run"));
    }

    @Test
    void givenARunDirectoryThatWasRenamedThenTheRunKeepsItsId() throws IOException {
        RunId.keep(run, RunId.of(config, run));

        assertThat(RunId.of(config, renamed())).isEqualTo("first-run");
    }

    @Test
    void givenARunDirectoryWithoutAnIdThenItsNameIsTheId() {
        assertThat(RunId.of(config, run)).isEqualTo("first-run");
    }

    @Test
    void givenAFileThatHoldsNoIdThenItIsRefusedByName() throws IOException {
        Files.writeString(run.resolve("run.id"), "no id\n");

        assertThatThrownBy(() -> RunId.of(config, run))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining(run.resolve("run.id").toString());
    }

    @Test
    void givenSettingsInsideTheRunDirectoryWhenItIsRenamedThenTheyAreFound() throws IOException {
        ConfigBase.keep(run, Files.createDirectory(run.resolve("settings")));

        assertThat(ConfigBase.of(renamed()))
                .hasValue(directory.resolve("second").resolve("settings"));
    }

    @Test
    void givenSettingsElsewhereWhenTheRunDirectoryIsRenamedThenTheyAreFound() throws IOException {
        ConfigBase.keep(run, directory.resolve("settings"));

        assertThat(ConfigBase.of(renamed())).hasValue(directory.resolve("settings"));
    }

    @Test
    void givenARunDirectoryThatKeepsNoBaseThenThereIsNone() {
        assertThat(ConfigBase.of(run)).isEmpty();
    }

    private Path renamed() throws IOException {
        return Files.move(run, directory.resolve("second"));
    }
}
