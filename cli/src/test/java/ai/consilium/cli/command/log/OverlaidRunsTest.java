package ai.consilium.cli.command.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OverlaidRunsTest {
    @Test
    void givenDirectoriesOfOneNameThenTheirNamesHaveAsMuchOfTheirPathsAsTellsThemApart() {
        assertThat(OverlaidRuns.names(List.of(Path.of("/runs/a"), Path.of("/runs/b"))))
                .containsExactly("a", "b");
        assertThat(OverlaidRuns.names(List.of(Path.of("/x/runs/a"), Path.of("/y/runs/a"), Path.of("/a"))))
                .containsExactly("x/runs/a", "y/runs/a", "a");
        assertThat(OverlaidRuns.names(List.of(Path.of("/a"), Path.of("/a")))).containsExactly("a", "a");
    }
}
