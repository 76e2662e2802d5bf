package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.pretraining.TinyModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The benchmarks of a model print what other programs read, and refuse what they cannot do before they work. */
class BenchmarkTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    static Path dir;

    @BeforeAll
    static void makeAModel() throws IOException {
        TinyModel.initialise(dir.resolve("m"), 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fp32", "bf16"})
    void givenAFewTokensWhenLearningIsMeasuredThenItsFigureIsAListOfOne(String dtype) throws IOException {
        JsonNode figures = figures(
                "learner", "--dtype", dtype, "--groups", "1", "--samples", "2", "--prefix", "32", "--completion", "4");

        assertThat(figures).hasSize(1);
        comparison(figures.get(0), "learner-m-trained-tokens-per-second", dtype);
    }

    @Test
    void givenAFewTokensWhenSamplingIsMeasuredThenItsFiguresAreAListOfTwo() throws IOException {
        JsonNode figures = figures("rollout", "--prompts", "1", "--samples", "1", "--experts", "1");

        assertThat(figures).hasSize(2);
        comparison(figures.get(0), "rollout-m-tokens-per-second", "fp32");
        comparison(figures.get(1), "rollout-m-decode-tokens-per-second", "fp32");
    }

    @Test
    void givenPromptsWithoutImagesWhenSamplingIsMeasuredThenThereAreFigures() throws IOException {
        assertThat(figures("rollout", "--prompts", "1", "--samples", "1", "--experts", "1", "--text-only"))
                .hasSize(2);
    }

    @Test
    void givenAModelWhenItsLoadingIsMeasuredThenAnonymousAndMappedMemoryAreTold() {
        CommandLineRun run = run(Map.of(), "load", "--dtype", "fp32");

        assertThat(run.errors()).isEmpty();
        assertThat(run.text())
                .containsPattern(
                        "loaded, \\d+ parameters in [\\d.]+ s: [\\d.]+ GB anonymous, [\\d.]+ GB of mapped files");
    }

    @Test
    void givenAFewVersionsOfASmallAdapterWhenTheLogIsMeasuredThenWorkersHaveTheNewestAndItsFiguresAreAListOfPoints()
            throws IOException {
        CommandLineRun run = CommandLineRun.of(
                "bench",
                "adapters",
                "--layers",
                "1",
                "--experts",
                "2",
                "--versions",
                "3",
                "--points",
                "2",
                "-o",
                "json");

        assertThat(run.code()).as("%s", run.errors()).isZero();
        JsonNode points = JSON.readTree(run.text());
        assertThat(points.findValuesAsText("versions")).containsExactly("1", "3");
        JsonNode last = points.get(1);
        double adapter = last.get("adapter_mb").asDouble();
        assertThat(adapter).as("1.44 million values in float32").isBetween(5.7, 5.9);
        assertThat(last.get("adapters_mb").asDouble())
                .as("versions 0 to 3 of two")
                .isBetween(8 * adapter, 9 * adapter);
        for (String seconds : List.of("publish_seconds", "take_seconds", "new_worker_seconds")) {
            assertThat(last.get(seconds).asDouble()).as(seconds).isNotNegative();
        }
    }

    @Test
    void givenMoreExpertsThanSpecialtiesWhenTheLogIsMeasuredThenItIsRefused() {
        refused(
                CommandLineRun.of("bench", "adapters", "--experts", "5"),
                "--experts must be between 1 and 4, the number of specialties");
        refused(CommandLineRun.of("bench", "adapters", "--layers", "29"), "--layers must be at most 28");
        refused(
                CommandLineRun.of("bench", "adapters", "--versions", "2", "--points", "3"),
                "--versions at least --points");
    }

    @Test
    void givenAShapeThatIsNotPublishedWhenAModelIsAskedForThenThePublishedOnesAreNamed() {
        String out = dir.resolve("x").toString();
        refused(
                CommandLineRun.of("bench", "model", "--shape", "72b", "--out", out),
                "--shape must be 3b or 7b, not '72b'");
        refused(
                CommandLineRun.of("bench", "model", "--shape", "7b", "--layers", "29", "--out", out),
                "--layers must be at most 28");
        refused(
                CommandLineRun.of(
                        "bench",
                        "model",
                        "--shape",
                        "7b",
                        "--out",
                        dir.resolve("m").toString()),
                "is not empty");
    }

    @Test
    void givenAPeerWhenItsInterpreterIsMissingThenItsOwnListOfPackagesIsNamed() {
        refused(run(Map.of(), "rollout", "--peer", "vllm"), "tests/peers/requirements-vllm.txt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"learner", "rollout"})
    void givenNoInterpreterWhenAPeerIsAskedForThenTheVariableIsNamed(String what) {
        refused(run(Map.of(), what, "--peer"), "--peer needs CONSILIUM_PEER_PYTHON");
        refused(
                run(Map.of("CONSILIUM_PEER_PYTHON", dir.resolve("python").toString()), what, "--peer"),
                "CONSILIUM_PEER_PYTHON: " + dir.resolve("python") + " is not an executable file");
    }

    @Test
    void givenTheInterpreterIsInTheEnvironmentThenOtherCommandsTakeItForNoKey() {
        CommandLineRun run = CommandLineRun.of(Map.of("CONSILIUM_PEER_PYTHON", "python"), "config", "show");

        assertThat(run.errors()).isEmpty();
        assertThat(run.code()).isZero();
    }

    @Test
    void givenSizesThatCannotBeWhenMeasuringThenTheyAreNamed() {
        refused(run(Map.of(), "learner", "--groups", "0"), "--groups");
        refused(run(Map.of(), "learner", "--rounds", "0"), "--rounds");
        refused(run(Map.of(), "learner", "--prefix", "5"), "a prompt with an image of 16 tokens needs at least 19");
        refused(run(Map.of(), "rollout", "--shape", "50m"), "--shape must be 50m, 3b or 7b and excludes --model");
        refused(run(Map.of(), "rollout", "--peer", "sglang"), "--peer must be one of transformers, vllm, llama.cpp");
        refused(run(Map.of(), "rollout", "--peer", "llama.cpp"), "--peer llama.cpp takes no images: add --text-only");
    }

    private static void comparison(JsonNode figure, String name, String dtype) {
        assertThat(figure.fieldNames()).toIterable().containsExactly("name", "dtype", "ours", "peer", "ratio");
        assertThat(figure.get("name").asText()).isEqualTo(name);
        assertThat(figure.get("dtype").asText()).isEqualTo(dtype);
        assertThat(figure.get("ours").asDouble()).isPositive();
        assertThat(figure.get("peer").getNodeType()).isEqualTo(JsonNodeType.NULL);
        assertThat(figure.get("ratio").getNodeType()).isEqualTo(JsonNodeType.NULL);
    }

    private static JsonNode figures(String what, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--rounds", "1", "--threads", "1", "-o", "json"));
        arguments.addAll(List.of(more));
        CommandLineRun run = run(Map.of(), what, arguments.toArray(String[]::new));
        assertThat(run.code()).as("%s", run.errors()).isZero();
        return JSON.readTree(run.text());
    }

    private static void refused(CommandLineRun run, String line) {
        assertThat(run.errors())
                .singleElement()
                .asString()
                .startsWith("consilium: ")
                .contains(line);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.output()).isEmpty();
    }

    private static CommandLineRun run(Map<String, String> environment, String what, String... more) {
        List<String> arguments = new ArrayList<>(
                List.of("bench", what, "--model", dir.resolve("m").toString()));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(environment, arguments.toArray(String[]::new));
    }
}
