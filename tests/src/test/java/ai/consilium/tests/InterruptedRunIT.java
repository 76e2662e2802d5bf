package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.reward.rubric.RubricFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run is interrupted, politely and not, is moved, and goes on as if nothing had happened. */
class InterruptedRunIT {
    private static final int STEPS = 6;
    private static final int BATCH = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenARunThatIsTerminatedThenKilledThenMovedWhenItIsResumedThenItEndsAndNoGroupIsTrainedTwice()
            throws Exception {
        Path run = directory.resolve("interrupted");
        Path settings = Files.createDirectory(directory.resolve("settings"));
        try (RunProcess first = RunProcess.start(
                directory,
                "first",
                Map.of(),
                "train",
                "--config",
                SmallRun.configuration(settings).toString(),
                "--config",
                ownGuideline(settings).toString(),
                "--set",
                "steps=" + STEPS,
                "--run-dir",
                run.toString())) {
            reach(first, 1);
            first.terminate();
            assertThat(first.exit()).as(first.errors()).isNotZero();
            assertThat(first.errors()).contains("interrupted; resume with");
        }
        assertThat(run.resolve("results.json")).doesNotExist();
        try (RunProcess second = resume(run, "second")) {
            reach(second, 3);
            second.kill();
            assertThat(second.exit()).isNotZero();
        }
        assertThat(run.resolve("results.json")).doesNotExist();
        run = Files.move(run, Files.createDirectory(directory.resolve("moved")).resolve("Renamed run"));
        try (RunProcess third = resume(run, "third")) {
            third.succeed();
        }
        String results = Files.readString(run.resolve("results.json"));
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(STEPS, BATCH));
        SmallRun.assertTrainedOnce(SmallRun.updates(run), STEPS);

        try (RunProcess afterTheEnd = resume(run, "after-the-end")) {
            afterTheEnd.succeed();
        }
        assertThat(run.resolve("results.json")).hasContent(results);
    }

    /** Names a file beside itself, which a run that goes on from elsewhere must find again. */
    private static Path ownGuideline(Path settings) throws IOException {
        try (InputStream shipped =
                Objects.requireNonNull(RubricFile.class.getResourceAsStream("rubrics/intuitive.yaml"))) {
            Files.copy(shipped, settings.resolve("rubric.yaml"));
        }
        return Files.writeString(settings.resolve("guideline.yaml"), """
                reward:
                  scorers:
                    - {name: accuracy, type: accuracy, required: true, shadow: false}
                    - {name: format, type: format, required: true, shadow: false}
                    - {name: intuitive, type: rubric, file: rubric.yaml, required: true, shadow: false}
                """);
    }

    private RunProcess resume(Path run, String name) {
        return RunProcess.start(directory, name, Map.of(), "train", "--resume", "--run-dir", run.toString());
    }

    /** Waits until some specialty has reached a version. */
    private static void reach(RunProcess train, long version) {
        await().atMost(RunProcess.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(train.alive()).as(train.errors()).isTrue();
            return train.newestVersion() >= version;
        });
    }
}
