package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
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

        Path model = modelOfVersion01(directory.resolve("model"));
        try (RunProcess resumed = RunProcess.start(
                directory,
                "resumed",
                Map.of(),
                "train",
                "--resume",
                "--set",
                "model=" + model,
                "--set",
                "merger.consolidate.steps=0",
                "--run-dir",
                run.toString())) {
            resumed.succeed();
        }

        SmallRun.assertBalanced(SmallRun.describe(run), STEPS * BATCH * SmallRun.SPECIALTIES.size());
        SmallRun.assertTrainedOnce(SmallRun.updates(run), STEPS, 0);
        assertThat(Files.readString(run.resolve("consilium.log"))).contains("ended a hanging transaction");
    }

    /** models/tiny as it was: without the token for videos (docs/UPGRADING.md). */
    private static Path modelOfVersion01(Path target) throws IOException {
        Files.createDirectory(target);
        try (Stream<Path> files = Files.list(Path.of("../models/tiny"))) {
            for (Path file : files.toList()) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        without(target.resolve("config.json"), "  \"video_token_id\" : 727,\n");
        without(target.resolve("tokenizer.json"), """
                , {
                    "id" : 727,
                    "content" : "<|video_pad|>",
                    "single_word" : false,
                    "lstrip" : false,
                    "rstrip" : false,
                    "normalized" : false,
                    "special" : true
                  }""");
        return target.toAbsolutePath();
    }

    private static void without(Path file, String part) throws IOException {
        String content = Files.readString(file);
        assertThat(content).containsOnlyOnce(part);
        Files.writeString(file, content.replace(part, ""));
    }

    private static void unpack(Path target) throws Exception {
        Process tar = new ProcessBuilder("tar", "xzf", STUCK.toAbsolutePath().toString(), "-C", target.toString())
                .inheritIO()
                .start();
        assertThat(tar.waitFor()).as("exit code of tar").isZero();
    }
}
