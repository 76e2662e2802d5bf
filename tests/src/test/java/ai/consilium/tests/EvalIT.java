package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.testing.TinyPolicy;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium eval} over a small random model and two adapters: what it leaves, how it goes on, what it refuses. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class EvalIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Of each specialty. */
    private static final int CASES = 70;

    @TempDir
    static Path shared;

    @TempDir
    Path dir;

    @BeforeAll
    static void makeAModelTwoAdaptersAndCases() throws IOException {
        Clinic.write(Files.createDirectories(cases()), new ClinicSettings(1, .3, 1, 1, CASES));
        try (TinyPolicy policy = TinyPolicy.create(Files.createDirectories(model()), 1);
                TinyPolicy stranger = TinyPolicy.create(Files.createDirectories(shared.resolve("stranger")), 2)) {
            String hash = policy.model().directory().hash();
            policy.adapter(1).writePeft(shared.resolve("one"), "model", hash, "");
            policy.adapter(2).writePeft(shared.resolve("two"), "model", hash, "");
            stranger.adapter(3)
                    .writePeft(
                            shared.resolve("other"),
                            "stranger",
                            stranger.model().directory().hash(),
                            "");
        }
    }

    @Test
    void givenTwoAdaptersWhenTheEvaluationIsCutOffThenItGoesOnToTheSameResults() throws IOException {
        Path whole = dir.resolve("whole");
        CommandLineRun run = succeeds(whole, adapters());
        assertThat(run.text())
                .contains("280 simulated cases of test.jsonl, greedy decoding", "two against one, overall, strict");
        List<String> predictions = Files.readAllLines(whole.resolve("predictions.jsonl"));
        assertThat(predictions).hasSize(2 * 4 * CASES).allMatch(line -> line.contains("\"sample\":0"));
        JsonNode results = JSON.readTree(whole.resolve("results.json").toFile());
        assertThat(results.at("/rows/two/overall/n").asInt()).isEqualTo(4 * CASES);
        List<String> measures = results.at("/comparisons").findValuesAsText("measure");
        assertThat(measures).hasSize(3 * 5 + 4);
        assertThat(measures).filteredOn("accuracy"::equals).hasSize(3 * 5);
        // Cases of a specialty offer the same answers, those of different specialties do not.
        assertThat(measures).filteredOn("balanced_accuracy"::equals).hasSize(4);
        assertThat(results.at("/answer").asText()).isEqualTo("strict");

        Path cut = Files.createDirectories(dir.resolve("cut"));
        Files.copy(whole.resolve("settings.json"), cut.resolve("settings.json"));
        byte[] bytes = Files.readAllBytes(whole.resolve("predictions.jsonl"));
        Files.write(cut.resolve("predictions.jsonl"), Arrays.copyOf(bytes, bytes.length * 5 / 9));
        succeeds(cut, adapters());

        assertThat(cut.resolve("results.json")).hasSameTextualContentAs(whole.resolve("results.json"));
        assertThat(Files.readAllLines(cut.resolve("predictions.jsonl")))
                .containsExactlyInAnyOrderElementsOf(predictions);
        CommandLineRun again = succeeds(cut, adapters());
        assertThat(again.text().replace("cut", "whole")).isEqualTo(run.text());
        assertThat(again.errors()).isEmpty();
    }

    @Test
    void givenSamplesAndExpertsWhenRoutedThenEachAnswersItsOwnAndPassAtKIsReported() throws IOException {
        List<String> lines = Files.readAllLines(cases().resolve("test.jsonl"));
        Files.createDirectories(dir.resolve("data"));
        copy(cases().resolve("images"), dir.resolve("data/images"));
        Files.write(
                dir.resolve("data/small.jsonl"),
                lines.stream()
                        .filter(line -> line.contains("\"pediatrics\"") || line.contains("\"brain_senses\""))
                        .filter(line -> line.matches(".*\"id\":\"[^\"]*[05]\".*"))
                        .toList());
        Path out = dir.resolve("out");
        CommandLineRun run = CommandLineRun.of(
                "eval",
                "--model",
                model().toString(),
                "--adapter",
                "base",
                "--adapter",
                "mine/pediatrics=" + shared.resolve("one"),
                "--adapter",
                "mine/brain_senses=" + shared.resolve("two"),
                "--routed",
                "--data-root",
                dir.resolve("data").toString(),
                "--cases",
                "small.jsonl",
                "--samples",
                "4",
                "--temperature",
                "1",
                "--max-tokens",
                "12",
                "--out",
                out.toString(),
                "-o",
                "json");
        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        assertThat(run.errors()).isEmpty();
        JsonNode results = JSON.readTree(run.text());
        assertThat(results).isEqualTo(JSON.readTree(out.resolve("results.json").toFile()));
        assertThat(results.at("/rows").fieldNames()).toIterable().containsExactly("base", "mine");
        assertThat(results.at("/rows/mine/overall/strict/pass_at_k").fieldNames())
                .toIterable()
                .containsExactly("1", "2", "4");
        List<String> answered = new ArrayList<>();
        for (String line : Files.readAllLines(out.resolve("predictions.jsonl"))) {
            JsonNode prediction = JSON.readTree(line);
            answered.add(prediction.path("adapter").asText() + " "
                    + prediction.path("specialty").asText());
            assertThat(prediction.path("tokens").asInt()).isBetween(1, 12);
        }
        assertThat(answered.stream().distinct())
                .containsExactlyInAnyOrder(
                        "base pediatrics",
                        "base brain_senses",
                        "mine/pediatrics pediatrics",
                        "mine/brain_senses brain_senses");
    }

    @Test
    void givenPerspectivesThenEachIsARowAndAGuidelineThatIsAddedLaterScoresRightAnswersWithoutAskingAgain()
            throws IOException {
        Path out = dir.resolve("out");
        List<String> asked = List.of(
                "eval",
                "--model=../models/tiny",
                "--cases=" + testFile(),
                "--out=" + out,
                "--perspective=none",
                "--perspective=analytical");
        CommandLineRun without = CommandLineRun.of(asked.toArray(String[]::new));
        assertThat(without.code()).as(String.join("\n", without.errors())).isZero();
        assertThat(without.text()).contains("base@none ", "base@analytical ").doesNotContain("Adherence");
        String predictions = Files.readString(out.resolve("predictions.jsonl"));

        CommandLineRun run =
                CommandLineRun.of(Stream.concat(asked.stream(), Stream.of("--guideline=shipped:held-out/analytical"))
                        .toArray(String[]::new));

        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        assertThat(run.text()).contains("Adherence of right answers in %, scored by held-out-analytical");
        assertThat(out.resolve("predictions.jsonl")).hasContent(predictions);
        JsonNode base = JSON.readTree(out.resolve("results.json").toFile()).at("/adherence/policies/base/cells");
        long right = predictions
                .lines()
                .filter(line ->
                        line.contains("\"perspective\":\"analytical\"") && line.contains("\"strict_correct\":true"))
                .count();
        assertThat(base.at("/analytical/cases").asLong()).isEqualTo(right).isPositive();
        assertThat(base.at("/analytical/score/estimate").asDouble()).isBetween(0., 1.);
        assertThat(base.at("/none/cases").asInt()).isZero();
        assertThat(JSON.readTree(out.resolve("adherence.json").toFile()).at("/base/by_perspective/analytical"))
                .hasSize((int) right);
    }

    @Test
    void givenAnotherSettingWhenStartedAgainThenItIsRefusedByName() throws IOException {
        Path out = dir.resolve("out");
        String first = "--adapter=one=" + shared.resolve("one");
        succeeds(out, first);
        String before = Files.readString(out.resolve("results.json"));

        refused(out, "another adapter one: ", "--adapter=one=" + shared.resolve("two"));
        refused(out, "another temperature: 0.0, now 0.5; choose another --out", first, "--temperature=0.5");
        refused(out, "another limit of tokens: 48, now 8", first, "--max-tokens=8");
        assertThat(out.resolve("results.json")).hasContent(before);
        refused(shared, "--out: " + shared + " contains files that do not belong to an evaluation", first);
    }

    @Test
    void givenAnImageThatCannotBeReadThenItIsRefusedBeforeAnythingIsSampledAndMayBeMended() throws IOException {
        Path data = dir.resolve("data");
        copy(cases(), data);
        Path image = data.resolve(
                JSON.readTree(Files.readAllLines(data.resolve("test.jsonl")).get(200))
                        .at("/images/0")
                        .asText());
        byte[] whole = Files.readAllBytes(image);
        Files.writeString(image, "no picture");
        Path out = dir.resolve("out");
        String[] command = {
            "eval",
            "--model",
            model().toString(),
            "--cases",
            data.resolve("test.jsonl").toString(),
            "--out",
            out.toString()
        };

        CommandLineRun refused = CommandLineRun.of(command);
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.errors())
                .containsExactly(
                        "consilium: " + image + ": is no picture that can be read (PNG, JPEG, WebP, GIF, BMP, TIFF)");
        assertThat(out.resolve("predictions.jsonl")).doesNotExist();

        Files.write(image, whole);
        assertThat(CommandLineRun.of(command).code()).isZero();
    }

    @Test
    void givenWhatCannotBeEvaluatedThenItIsNamedAndNothingIsLeftBehind() throws IOException {
        Path out = dir.resolve("none");
        String one = "one=" + shared.resolve("one");
        refused(out, "--adapter: one is given twice", "--adapter", one, "--adapter", one);
        refused(out, "--adapter: rl/eye has no directory: give NAME=DIR, or --run-dir", "--adapter", "rl/eye");
        refused(out, "--adapter: 'a b' is not a name", "--adapter", "a b=x");
        refused(out, "--adapter: base is the model without an adapter", "--adapter", "base=x");
        refused(out, "--adapter: mine: " + dir + ": lacks adapter_config.json", "--adapter", "mine=" + dir);
        refused(
                out,
                "--adapter: mine: " + shared.resolve("other") + ": made for another base than",
                "--adapter",
                "mine=" + shared.resolve("other"));
        refused(out, "--perspective: one is given twice", "--perspective", "none", "--perspective", "none");
        refused(
                out,
                "--perspective: lunar is unknown to the prompt layout shipped:canonical",
                "--perspective",
                "lunar");
        refused(out, "--guideline: no such rubric file: none.yaml", "--guideline", "none.yaml");
        refused(
                out,
                "--guideline: held-out-bayesian is for answers under the perspective bayesian: add --perspective bayesian",
                "--guideline",
                "shipped:held-out/bayesian");
        refused(
                out,
                "--routed: mine/eye: no case of specialty eye",
                "--adapter",
                "mine/eye=" + shared.resolve("one"),
                "--routed");
        refused(out, "--run-dir: " + dir + " contains no run", "--run-dir", dir.toString());
        refused(out, "--samples: greedy samples are all the same", "--samples", "4");
        refused(out, "--samples: must be between 1 and 1024, not 0", "--samples", "0");
        refused(out, "--temperature: must be between 0 (greedy) and 10, not -1.0", "--temperature", "-1");
        refused(out, "--max-tokens: must be at least 1, not 0", "--max-tokens", "0");
        refused(out, "--cases: " + cases().resolve("test.jsonl") + " is given twice", "--cases", testFile());
        refused(
                out,
                "--cases: " + dir.resolve("no.jsonl") + ": no such case file",
                "--cases",
                dir.resolve("no.jsonl").toString());
        Path empty = Files.createFile(dir.resolve("empty.jsonl"));
        refused(out, "--cases: " + empty + " contains no cases", "--cases", empty.toString());
        Path broken = Files.writeString(dir.resolve("broken.jsonl"), "{");
        refused(out, "--cases: " + broken + ":1: broken JSON at column", "--cases", broken.toString());
        refused(out, "is outside --data-root " + dir, "--data-root", dir.toString());
        refused(
                out,
                "--data-root: " + dir.resolve("no") + ": no such directory",
                "--data-root",
                dir.resolve("no").toString());
        CommandLineRun noModel =
                CommandLineRun.of("eval", "--model", dir.toString(), "--cases", testFile(), "--out", out.toString());
        assertThat(noModel.errors()).containsExactly("consilium: model: " + dir + ": lacks config.json");
    }

    private CommandLineRun succeeds(Path out, String... more) {
        CommandLineRun run = eval(out, more);
        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        return run;
    }

    private void refused(Path out, String part, String... more) {
        CommandLineRun run = eval(out, more);
        assertThat(run.errors())
                .singleElement()
                .asString()
                .startsWith("consilium: --")
                .contains(part);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
        assertThat(dir.resolve("none")).doesNotExist();
    }

    private static CommandLineRun eval(Path out, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("eval", "--model", model().toString(), "--cases", testFile(), "--out", out.toString()));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private static String[] adapters() {
        return new String[] {"--adapter", "one=" + shared.resolve("one"), "--adapter", "two=" + shared.resolve("two")};
    }

    private static Path model() {
        return shared.resolve("model");
    }

    private static Path cases() {
        return shared.resolve("cases");
    }

    private static String testFile() {
        return cases().resolve("test.jsonl").toString();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }
}
