package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code train --fast}. */
class FastRunTest {
    @Test
    void givenFastThenEveryStageIsShortAndWhatTheUserSetsWins() {
        CommandLineRun run = CommandLineRun.of("train", "--fast", "--dry-run", "--set=steps=7");

        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        assertThat(run.text()).contains("steps: 7\n", "shared_steps: 20\n", "train_per_specialty: 120\n");
    }

    @Test
    void givenARunThatGoesOnThenFastIsRefusedByName(@TempDir Path dir) throws IOException {
        Files.createFile(dir.resolve("config.yaml"));

        CommandLineRun run = CommandLineRun.of("train", "--fast", "--resume", "--run-dir=" + dir);

        assertThat(run.code()).isEqualTo(2);
        assertThat(run.errors())
                .containsExactly("consilium: --fast: a resumed run keeps the settings that it began with");
    }
}
