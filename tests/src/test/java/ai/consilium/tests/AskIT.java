package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code consilium ask} with the shipped model. */
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class AskIT {
    @TempDir
    static Path dir;

    @BeforeAll
    static void makeCases() throws IOException {
        Clinic.write(Files.createDirectories(dir), new ClinicSettings(1, .3, 1, 1, 1));
    }

    @Test
    void givenACaseThenItsReasoningIsPrintedWithTheAnswerThatItWasTakenForAndTheRightOne() {
        CommandLineRun run = ask("--cases", file(), "--id", "sim-test-pediatrics-00000", "--show-prompt");

        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        assertThat(run.text())
                .contains("<|image_pad|> <|vision_end|>", "how should this child be classified ?", "<think>")
                .containsPattern("answer  [ABC]  \\w+")
                .containsPattern("right   [ABC]  \\w+");
    }

    @Test
    void givenAQuestionOfOnesOwnThenSamplesAreCountedAndTheRightAnswerIsNotMadeUp() throws IOException {
        CommandLineRun run = ask(
                "--question=How should this child be classified?",
                "--image=" + dir.resolve("images/sim-test-pediatrics-00000.png"),
                "--option=pneumonia",
                "--option=cough or cold",
                "--context=months=7",
                "--specialty=pediatrics",
                "--samples=3",
                "--temperature=1",
                "-o=json");

        assertThat(run.code()).as(String.join("\n", run.errors())).isZero();
        JsonNode answered = new ObjectMapper().readTree(run.text());
        assertThat(answered.path("samples")).hasSize(3);
        assertThat(answered.path("options").path("B").asText()).isEqualTo("cough or cold");
        assertThat(answered.path("prompt").asText()).contains("pediatrics", "months 7");
        assertThat(answered.has("label")).isFalse();
    }

    @Test
    void givenWhatCannotBeAskedThenItIsRefusedByName() {
        refused("--question: give a question of your own, or --cases FILE with --id ID");
        refused("--option: give 2 to 26, or none for an open question", "--question=x", "--option=y");
        refused("--image: none.png: no such file", "--question=x", "--image=none.png");
        refused("--id: which case of " + file() + "?", "--cases", file());
        refused("--id: " + file() + " has no case nobody", "--cases", file(), "--id", "nobody");
        refused(
                "--cases: the case has its own image, options, context and specialty",
                "--cases",
                file(),
                "--id",
                "x",
                "--context=a=b");
    }

    private static void refused(String message, String... arguments) {
        CommandLineRun run = ask(arguments);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.errors()).containsExactly("consilium: " + message);
    }

    private static CommandLineRun ask(String... arguments) {
        List<String> all = new ArrayList<>(List.of("ask", "--model", "../models/tiny"));
        all.addAll(List.of(arguments));
        return CommandLineRun.of(all.toArray(String[]::new));
    }

    private static String file() {
        return dir.resolve("test.jsonl").toString();
    }
}
