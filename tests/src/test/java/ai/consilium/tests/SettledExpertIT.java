package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UpdateKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A run of two rounds in which one expert knows all of its cases from the beginning. */
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class SettledExpertIT {
    private static final int STEPS = 2;
    private static final int BATCH = 2;
    private static final String SETTLED = "pediatrics";
    private static final String LEARNS = "oncology_surgery";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenAnExpertThatKnowsItsCasesWhenTrainedThenItsRoundsEndEarlyAndTheOthersAreTrainedAsEver() throws Exception {
        Path run = directory.resolve("run");
        // given a run that is broken off when the first such round is over
        try (RunProcess first = SmallRun.train(
                directory,
                run,
                "--set",
                "rounds=2",
                "--set",
                "steps=" + STEPS,
                "--set",
                "max_untrained_batches=2",
                "--set",
                "reward.scorers=[{name: accuracy, type: settled, specialty: " + SETTLED
                        + ", required: true, shadow: false}]")) {
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> {
                        assertThat(first.alive()).as(first.errors()).isTrue();
                        return first.newestVersion() >= 1;
                    });
            first.terminate();
            assertThat(first.exit()).isNotZero();
        }

        // when it is resumed
        try (RunProcess second =
                RunProcess.start(directory, "second", Map.of(), "train", "--resume", "--run-dir", run.toString())) {
            assertThat(second.succeed()).contains("base", "dsa", "rl", "unified");
        }

        // then one expert has all of its steps, and the other none
        List<PolicyUpdate> updates = SmallRun.updates(run);
        assertThat(updates)
                .filteredOn(update -> update.getSpecialty().equals(LEARNS))
                .extracting(PolicyUpdate::getVersion)
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L);
        assertThat(updates)
                .filteredOn(update -> update.getSpecialty().equals(SETTLED))
                .extracting(PolicyUpdate::getVersion)
                .containsExactly(0L, 1L, 3L, 4L);
        for (long last : List.of(1L, 4L)) {
            PolicyUpdate ended = SmallRun.version(updates, SETTLED, last);
            assertThat(ended.getKind()).isEqualTo(UpdateKind.REINFORCEMENT);
            assertThat(ended.getFinalVersion()).isTrue();
            assertThat(ended.getGroupIds()).isEmpty();
            assertThat(ended.getConsumed()).isEmpty();
            assertThat(ended.getAdapterHash())
                    .isEqualTo(SmallRun.version(updates, SETTLED, last - 1).getAdapterHash());
        }
        int consolidated = SmallRun.trained(0, BATCH);
        SmallRun.assertBalanced(SmallRun.describe(run), 2 * (STEPS * BATCH + consolidated));
        assertTold(run);
    }

    private static void assertTold(Path run) throws Exception {
        try (RunOnDisk log = new RunOnDisk(run)) {
            assertThat(ManifestLog.all(log.kafka()))
                    .filteredOn(manifest -> new EarlyEnd(SETTLED, 0).told(manifest))
                    .as("revisions that end the first round of it early, from the first on")
                    .isNotEmpty();
            assertThat(ManifestLog.all(log.kafka()))
                    .noneMatch(manifest ->
                            new EarlyEnd(LEARNS, 0).told(manifest) || new EarlyEnd(LEARNS, 1).told(manifest));
        }
        assertThat(command("status", "--run-dir", run.toString())).containsPattern(SETTLED + " +4 +5 +yes ");
        assertThat(command("trace", SETTLED + "@4", "--run-dir", run.toString()))
                .contains("reinforcement, final")
                .contains("no groups: the expert got no further in its round");
        assertThat(command("trace", "--run-dir", run.toString(), "--verify")).isNotBlank();
    }

    private static String command(String... arguments) {
        CommandLineRun command = CommandLineRun.of(arguments);
        assertThat(command.code())
                .as(command.text() + String.join("\n", command.errors()))
                .isZero();
        return command.text();
    }
}
