package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.model.ModelDirectory;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium train}: one command, a whole run, everything that it promises to leave behind. */
class TrainIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    @Test
    void givenASmallRunWhenItIsTrainedThenItServesItsPageAndLeavesResultsAdaptersAndBalancedBooks() throws Exception {
        Path run = directory.resolve("small");
        try (RunProcess train = SmallRun.train(directory, run, "--control")) {
            servesWhileItRuns(train);
            assertThat(train.succeed())
                    .contains(
                            "held-out simulated cases",
                            "base",
                            "dsa",
                            "rl",
                            "unified",
                            "sft_longer",
                            run.resolve("conflict.svg").toString());
        }
        hasResults(run);
        hasTimings(run);
        hasConflicts(run);
        hasAdapters(run);
        exports(run, directory.resolve("exported"));
        evaluatesAlike(run, directory.resolve("evaluated"));
        tellsItsSteps(run);
        comparesWithAnother(run);
        SmallRun.assertBalanced(SmallRun.describe(run), SmallRun.trained(STEPS, BATCH));
        SmallRun.assertTrainedOnce(SmallRun.updates(run), STEPS);
        keepsItsSettings(run);
    }

    /** What a run is made of cannot be changed when it is resumed, and an attempt leaves the run as it was. */
    private void keepsItsSettings(Path run) throws Exception {
        String kept = Files.readString(run.resolve("config.yaml"));
        try (RunProcess resumed = RunProcess.start(
                directory,
                "other",
                Map.of(),
                "train",
                "--resume",
                "--run-dir",
                run.toString(),
                "--set",
                "seed=2",
                "--set",
                "optimiser.beta2=0.5")) {
            assertThat(resumed.exit()).as(resumed.errors()).isEqualTo(2);
            assertThat(resumed.errors().lines())
                    .containsExactly(
                            "consilium: optimiser.beta2: 0.5 here, 0.99 in the manifest of run small, revision 1",
                            "consilium: seed: 2 here, 1 in the manifest of run small, revision 1");
        }
        assertThat(run.resolve("config.yaml")).hasContent(kept);
    }

    private static void servesWhileItRuns(RunProcess train) {
        await().atMost(RunProcess.PATIENCE).untilAsserted(() -> {
            assertThat(train.alive()).as(train.errors()).isTrue();
            assertThat(train.announced("live page")).isPresent();
            assertThat(train.announced("metrics")).isPresent();
        });
        String page = train.announced("live page").orElseThrow();
        String metrics = train.announced("metrics").orElseThrow();
        await().atMost(RunProcess.PATIENCE).untilAsserted(() -> {
            assertThat(RunProcess.get(page).body()).contains("<title>Consilium</title>");
            assertThat(RunProcess.get(metrics).body()).contains("# TYPE");
            for (String probe : List.of("livez", "readyz")) {
                HttpResponse<String> reply = RunProcess.get(metrics.replace("metrics", probe));
                assertThat(reply.statusCode()).as("%s: %s", probe, reply.body()).isEqualTo(200);
            }
        });
        await().atMost(RunProcess.PATIENCE)
                .until(() -> train.picture()
                        .filter(picture -> picture.path("simulated").asBoolean())
                        .isPresent());
    }

    private static void hasResults(Path run) throws Exception {
        JsonNode results =
                new ObjectMapper().readTree(run.resolve("results.json").toFile());
        List<String> rows = new ArrayList<>();
        results.fieldNames().forEachRemaining(rows::add);
        assertThat(rows).containsExactly("base", "dsa", "rl", "unified", "sft_longer");
        List<String> columns = new ArrayList<>(SmallRun.SPECIALTIES);
        columns.add("overall");
        for (String row : rows) {
            for (String column : columns) {
                JsonNode cell = results.path(row).path(column);
                int n = column.equals("overall") ? 8 : 4;
                assertThat(cell.path("n").asInt())
                        .as("%s %s: %s", row, column, cell)
                        .isEqualTo(n);
                assertThat(cell.path("correct").asInt(-1)).isBetween(0, n);
                assertThat(cell.path("accuracy").asDouble(-1))
                        .isBetween(
                                cell.path("low").asDouble(2), cell.path("high").asDouble(-2));
            }
        }
    }

    private static void hasTimings(Path run) throws Exception {
        JsonNode timings =
                new ObjectMapper().readTree(run.resolve("timings.json").toFile());
        for (String phase :
                List.of("load", "dsa", "reinforcement", "merge", "consolidation", "control", "evaluation", "total")) {
            assertThat(timings.path(phase).asDouble(-1)).as(phase).isPositive();
        }
    }

    /** Of each weight that the experts change: how much they are at odds, and the agent with each of them. */
    private static void hasConflicts(Path run) throws Exception {
        JsonNode report =
                new ObjectMapper().readTree(run.resolve("conflict.json").toFile());
        Adapter unified = Adapter.readPeft(run.resolve("adapters").resolve("unified"));
        assertThat(report.path("weights")).hasSize(unified.tensors().size() / 2);
        for (JsonNode weight : report.path("weights")) {
            assertThat(weight.path("layer").isInt()).isTrue();
            assertThat(weight.path("sign_conflict_rate").asDouble(-1)).isBetween(0.0, 1.0);
            for (String specialty : SmallRun.SPECIALTIES) {
                assertThat(weight.path("activation_interference_of")
                                .path(specialty)
                                .asDouble(-1))
                        .as("%s with %s", weight.path("module"), specialty)
                        .isPositive();
            }
        }
    }

    private static void hasAdapters(Path run) {
        Path adapters = run.resolve("adapters");
        Adapter unified = Adapter.readPeft(adapters.resolve("unified"));
        for (String specialty : SmallRun.SPECIALTIES) {
            Adapter dsa = Adapter.readPeft(adapters.resolve("dsa").resolve(specialty));
            Adapter rl = Adapter.readPeft(adapters.resolve("rl").resolve(specialty));
            assertThat(List.of(dsa.hash(), rl.hash(), unified.hash())).doesNotHaveDuplicates();
        }
    }

    /** The same cases, put before the run's adapters once more, are answered as in the table that the run ended with. */
    private static void evaluatesAlike(Path run, Path out) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("eval", "--run-dir", run.toString(), "--routed"));
        arguments.addAll(List.of("--model", "../models/tiny", "--adapter", "base", "--adapter", "unified"));
        for (String specialty : SmallRun.SPECIALTIES) {
            arguments.addAll(List.of("--adapter", "rl/" + specialty, "--adapter", "dsa/" + specialty));
        }
        Path cases = run.resolve("data/test.jsonl");
        Path own = cases.resolveSibling("own.jsonl");
        Files.write(
                own,
                Files.readAllLines(cases).stream()
                        .filter(line -> SmallRun.SPECIALTIES.stream()
                                .anyMatch(specialty -> line.contains("\"specialty\":\"" + specialty + "\"")))
                        .toList());
        arguments.addAll(List.of("--cases", own.toString(), "--out", out.toString(), "-o", "json"));
        CommandLineRun evaluated = CommandLineRun.of(arguments.toArray(String[]::new));
        assertThat(evaluated.code()).as(String.join("\n", evaluated.errors())).isZero();
        JsonNode rows = new ObjectMapper().readTree(evaluated.text()).path("rows");
        JsonNode expected =
                new ObjectMapper().readTree(run.resolve("results.json").toFile());
        for (String row : List.of("base", "dsa", "rl", "unified")) {
            for (String column : List.of("pediatrics", "oncology_surgery", "overall")) {
                assertThat(rows.path(row).path(column).path("strict").path("accuracy"))
                        .as("%s %s", row, column)
                        .isEqualTo(expected.path(row).path(column).path("accuracy"));
            }
        }
    }

    /** A line a step, with the names of verl and TRL. */
    private static void tellsItsSteps(Path run) {
        CommandLineRun steps = CommandLineRun.of("steps", "--run-dir", run.toString(), "-o", "csv");
        assertThat(steps.code()).as(String.join("\n", steps.errors())).isZero();
        List<String> lines = steps.text().lines().toList();
        assertThat(lines).hasSize(1 + STEPS * SmallRun.SPECIALTIES.size() + SmallRun.CONSOLIDATION_STEPS);
        assertThat(lines.get(0))
                .startsWith("specialty,version,")
                .contains("grad_norm", "staleness/mean", "reward/mean", "wait_for_batch_seconds", "distill/kl");
        for (String specialty : SmallRun.SPECIALTIES) {
            assertThat(lines).anyMatch(line -> line.startsWith(specialty + "," + STEPS + ","));
        }
    }

    /** Runs of two settings are paired; a run is as good as itself. */
    private static void comparesWithAnother(Path run) {
        CommandLineRun same = CommandLineRun.of("results", run.toString(), "--against", run.toString());
        assertThat(same.code()).as(String.join("\n", same.errors())).isZero();
        assertThat(same.text())
                .contains(
                        "rl against rl of --against: +0.0 points [+0.0, +0.0]",
                        "unified against unified of --against: +0.0 points [+0.0, +0.0]");
        CommandLineRun uneven =
                CommandLineRun.of("results", run.toString(), run.toString(), "--against", run.toString());
        assertThat(uneven.code()).isEqualTo(2);
        assertThat(uneven.errors()).containsExactly("consilium: --against: 1 runs given, 2 needed");
    }

    /** An expert as a model of its own, with the same answers; what cannot be exported is refused in a line. */
    private static void exports(Path run, Path out) {
        String expert = "rl/" + SmallRun.SPECIALTIES.get(0);
        Path base = Path.of("..", "models", "tiny").toAbsolutePath().normalize();
        String[] fold = {
            "export",
            "--run-dir",
            run.toString(),
            "--adapter",
            expert,
            "--fold",
            "--model",
            base.toString(),
            "--out",
            out.toString()
        };
        CommandLineRun exported = CommandLineRun.of(fold);
        assertThat(exported.code()).as(String.join("\n", exported.errors())).isZero();
        assertThat(ModelDirectory.open(out).config())
                .isEqualTo(ModelDirectory.open(base).config());
        assertThat(out.resolve("tokenizer.json")).exists();

        Path logged = out.resolveSibling("logged");
        assertThat(CommandLineRun.of(
                                "export",
                                "--run-dir",
                                run.toString(),
                                "--adapter",
                                SmallRun.SPECIALTIES.get(0) + "@latest",
                                "--out",
                                logged.toString())
                        .code())
                .isZero();
        assertThat(logged.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(run.resolve("adapters").resolve(expert).resolve("adapter_model.safetensors"));

        CommandLineRun again = CommandLineRun.of(fold);
        assertThat(again.code()).isEqualTo(2);
        assertThat(again.errors()).containsExactly("consilium: --out: " + out + " already exists");
        CommandLineRun unknown =
                CommandLineRun.of("export", "--run-dir", run.toString(), "--adapter", "rl/none", "--out", out + "2");
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.errors()).singleElement().asString().startsWith("consilium: --adapter: no rl/none in ");
    }
}
