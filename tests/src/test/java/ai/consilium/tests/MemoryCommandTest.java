package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium memory}, and what it keeps from beginning. */
class MemoryCommandTest {
    private static final String MODEL = Sources.ROOT.resolve("models/tiny").toString();

    @TempDir
    Path dir;

    private static CommandLineRun memory(String... more) {
        List<String> arguments = new ArrayList<>(List.of("memory", "--model", MODEL));
        arguments.addAll(List.of(more));
        return CommandLineRun.of(arguments.toArray(String[]::new));
    }

    private static JsonNode json(String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.addAll(List.of("-o", "json"));
        return new ObjectMapper()
                .readTree(memory(arguments.toArray(String[]::new)).text());
    }

    private static long own(JsonNode report, String process) {
        for (JsonNode need : report.path("processes")) {
            if (need.path("command").asText().equals(process)) {
                return need.path("own").asLong();
            }
        }
        throw new AssertionError(process + " is not among " + report.path("processes"));
    }

    @Test
    void givenTheShippedModelThenEveryRoleIsToldWithItsKeysAndAllFit() {
        CommandLineRun run = memory();

        assertThat(run.errors()).isEmpty();
        assertThat(run.code()).isZero();
        assertThat(run.text())
                .contains("rollout", "learner", "merger", "evaluation", "rollout.kv_cache_mib", "lora.rank", "train")
                .contains("weights with adapters")
                .doesNotContain("does not fit");
    }

    @Test
    void givenLongerCompletionsOrALargerRankThenMoreIsNeeded() throws IOException {
        long usual = own(json(), "train");

        assertThat(own(json("--completion-tokens", "1000"), "train")).isGreaterThan(usual);
        assertThat(own(json("--set", "lora.rank=32"), "run learner")).isGreaterThan(own(json(), "run learner"));
        assertThat(own(json("--set", "compute.fold=never"), "run rollout")).isLessThan(own(json(), "run rollout"));
    }

    @Test
    void givenAGpuThenNothingIsMappedAndItsSizeIsTheBound() throws IOException {
        JsonNode report = json("--gpu", "80");

        assertThat(report.path("device").path("bytes").asLong()).isEqualTo(80L << 30);
        for (JsonNode process : report.path("processes")) {
            assertThat(process.path("mapped").asLong()).isZero();
        }
        assertThat(memory("--gpu", "1").text()).contains("does not fit");
        assertThat(memory("--gpu", "-1").errors()).containsExactly("consilium: --gpu: must be above 0, not -1.0");
    }

    @Test
    void givenAGroupThatTheCacheCannotHoldThenTheKeyIsNamed() {
        assertThat(memory("--prompt-tokens", "100000", "--set", "rollout.kv_cache_mib=64")
                        .text())
                .contains("rollout.kv_cache_mib must be at least ");
    }

    @Test
    void givenARunThatCannotFitThenItIsRefusedWithTheTableAndNothingIsLeft() {
        Path run = dir.resolve("run");
        CommandLineRun refused = CommandLineRun.of(
                "train", "--run-dir", run.toString(), "--set", "model=" + MODEL, "--set", "compute.memory_gib=0.1");

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.errors())
                .anyMatch(line -> line.contains("does not fit: more than the 0.10 (compute.memory_gib)"))
                .anyMatch(line -> line.contains("keys and values") && line.contains("rollout.kv_cache_mib"));
        assertThat(run).doesNotExist();
    }
}
