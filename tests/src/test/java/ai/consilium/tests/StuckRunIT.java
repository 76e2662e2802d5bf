package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run directory of version 0.1 that could not be resumed: a commit whose markers were lost holds the stream's offsets. */
@Tag("kill")
@Tag("slow")
class StuckRunIT {
    private static final Path STUCK = Path.of("../../shared/stuck-run/interrupted.tgz");
    private static final int STEPS = 6;
    private static final int BATCH = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenRunHeldByATransactionThatHangsWhenItIsResumedThenItEndsWithAllGroupsAccountedFor() throws Exception {
        assumeTrue(Files.isRegularFile(STUCK), "the run that hung is not beside the repository: skipped");
        // The directory's name is the run id: version 0.1 keeps no other.
        Path run = Files.createDirectory(directory.resolve("interrupted"));
        unpack(run);
        Files.writeString(run.resolve("config.base"), run.resolve("settings") + "\n");

        try (RunProcess resumed =
                RunProcess.start(directory, "resumed", Map.of(), "train", "--resume", "--run-dir", run.toString())) {
            resumed.succeed();
        }

        SmallRun.assertBalanced(SmallRun.describe(run), STEPS * BATCH * SmallRun.SPECIALTIES.size());
        SmallRun.assertTrainedOnce(SmallRun.updates(run), STEPS);
        assertThat(Files.readString(run.resolve("consilium.log"))).contains("ended a hanging transaction");
    }

    private static void unpack(Path target) throws Exception {
        Process tar = new ProcessBuilder("tar", "xzf", STUCK.toAbsolutePath().toString(), "-C", target.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).as("exit code of tar").isZero();
    }
}
