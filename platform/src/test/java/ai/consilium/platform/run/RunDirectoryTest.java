package ai.consilium.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunDirectory.Opening;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunDirectoryTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path temp;

    @Test
    void givenARunThatHoldsItWhenOpenedAgainThenItIsRefusedUntilClosed() {
        Path root = temp.resolve("run");
        try (RunDirectory held = RunDirectory.open(root, Opening.FRESH)) {
            assertThat(held.checkpoints()).isDirectory();
            assertThatThrownBy(() -> RunDirectory.open(root, Opening.RESUME))
                    .isInstanceOf(UsageException.class)
                    .hasMessageStartingWith("run directory in use: " + root);
        }
        try (RunDirectory again = RunDirectory.open(root, Opening.RESUME)) {
            assertThat(again.root()).isEqualTo(root);
        }
    }

    @Test
    void givenARunWhenOpenedFreshThenItIsRefusedAndWhenCleanThenItIsEmptied() throws IOException {
        Path root = temp.resolve("run");
        try (RunDirectory first = RunDirectory.open(root, Opening.FRESH)) {
            Files.writeString(first.adapters().resolve("a"), "x");
        }
        assertThatThrownBy(() -> RunDirectory.open(root, Opening.FRESH))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--resume")
                .hasMessageContaining("--clean");
        try (RunDirectory clean = RunDirectory.open(root, Opening.CLEAN)) {
            assertThat(clean.adapters()).isEmptyDirectory();
        }
    }

    @Test
    void givenFilesOfSomeoneElseWhenOpenedCleanThenTheyAreLeftAlone() throws IOException {
        Path theirs = Files.writeString(temp.resolve("thesis.txt"), "x");
        assertThatThrownBy(() -> RunDirectory.open(temp, Opening.CLEAN)).isInstanceOf(UsageException.class);
        assertThat(theirs).exists();
    }

    @Test
    void givenNoRunWhenResumedThenItIsRefused() {
        assertThatThrownBy(() -> RunDirectory.open(temp.resolve("none"), Opening.RESUME))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("no run to resume");
    }
}
