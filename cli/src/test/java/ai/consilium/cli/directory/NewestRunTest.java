package ai.consilium.cli.directory;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewestRunTest {
    @TempDir
    private Path runs;

    @Test
    void givenRunsRolesAndAFileWhenAskedThenTheRunThatWasBegunLastIsFoundWhateverItsName() throws IOException {
        begin("20261122-100000", 1);
        Path last = begin("a-name-of-ones-own", 2);
        Files.createDirectory(runs.resolve("scheduler"));
        Files.createFile(runs.resolve("zzz"));

        assertThat(NewestRun.under(runs)).contains(last);
    }

    @Test
    void givenNoRunWhenAskedThenThereIsNone() throws IOException {
        Files.createDirectory(runs.resolve("scheduler"));

        assertThat(NewestRun.under(runs)).isEmpty();
        assertThat(NewestRun.under(runs.resolve("absent"))).isEmpty();
    }

    private Path begin(String name, long seconds) throws IOException {
        Path config = Files.createDirectory(runs.resolve(name)).resolve(RunFiles.CONFIG);
        Files.setLastModifiedTime(Files.createFile(config), FileTime.fromMillis(seconds * 1000));
        return runs.resolve(name);
    }
}
