package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium ablate} over two small runs and a merge: terminated in the middle, gone on with past a row that fails, summed up. */
class AblateIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROWS = "gba,merge_ties,grpo";

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenAnAblationThatIsTerminatedWhenStartedAgainThenItGoesOnPastARowThatFailsAndDoesNothingTwice()
            throws Exception {
        Path out = directory.resolve("out");
        try (RunProcess first = start("first", ROWS, out)) {
            Path log = out.resolve("logs/gba-seed1.log");
            await().atMost(RunProcess.PATIENCE)
                    .pollInterval(Duration.ofMillis(100))
                    .until(() -> {
                        assertThat(first.alive()).as(first.errors()).isTrue();
                        return Files.exists(log) && Files.readString(log).contains("live page");
                    });
            first.terminate();
            assertThat(first.exit()).as(first.errors()).isNotZero();
            assertThat(first.errors())
                    .contains("1 of 3, gba seed 1", log.toString(), "interrupted; the same command goes on");
            assertThat(Files.readString(log)).contains("interrupted; resume with");
        }
        assertThat(out.resolve("ablation.json")).doesNotExist();
        Path gba = out.resolve("runs/gba-seed1");
        String runId = Files.readString(gba.resolve("run.id"));

        // A file of our own where a row's run should lie: its process refuses it.
        Files.writeString(
                Files.createDirectories(out.resolve("runs/plain_sum-seed1")).resolve("mine.txt"), "not a run");
        try (RunProcess second = start("second", "gba,merge_ties,plain_sum,grpo", out)) {
            assertThat(second.exit()).isEqualTo(1);
            assertThat(second.errors())
                    .contains(
                            "consilium: plain_sum seed 1 failed: exit 2: consilium: run directory",
                            "do not belong to a run");
            assertThat(second.output())
                    .contains("without results: plain_sum seed 1", "against gba, points", "merge_ties", "ablation.svg");
        }
        assertThat(Files.readString(gba.resolve("run.id"))).isEqualTo(runId);
        SmallRun.assertTrainedOnce(SmallRun.updates(gba), 3, 0);
        assertThat(Files.readAllLines(out.resolve("ablation.jsonl")))
                .hasSize(3 * SmallRun.SPECIALTIES.size())
                .allMatch(line -> line.contains("\"seed\":1") && line.contains("\"n\":4"));
        JsonNode rows = JSON.readTree(out.resolve("ablation.json").toFile()).path("rows");
        assertThat(rows.findValuesAsText("row")).containsExactly("gba", "merge_ties", "grpo");
        assertThat(rows.at("/1/accuracy/overall/n").asInt()).isEqualTo(8);
        assertThat(out.resolve("ablation.svg")).exists();
        assertThat(out.resolve("merges/merge_ties-seed1/agent/adapter_model.safetensors"))
                .exists();

        String done = Files.readString(gba.resolve("timings.json"));
        try (RunProcess again = start("again", ROWS, out)) {
            again.succeed();
            assertThat(again.errors()).as("nothing to run, nothing to show").isEmpty();
        }
        assertThat(gba.resolve("timings.json")).hasContent(done);

        try (RunProcess other = start("other", ROWS, out, "--set", "rl.learning_rate=0.5")) {
            assertThat(other.exit()).isEqualTo(2);
            assertThat(other.errors())
                    .contains("--out: " + gba + " was begun with another rl.learning_rate: 0.0008, now 0.5");
        }
    }

    private RunProcess start(String name, String rows, Path out, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(
                "ablate",
                "--seeds",
                "1",
                "--rows",
                rows,
                "--config",
                SmallRun.configuration(directory).toString(),
                "--out",
                out.toString()));
        arguments.addAll(List.of(more));
        return RunProcess.start(directory, name, Map.of(), arguments.toArray(String[]::new));
    }
}
