package ai.consilium.cases.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class PromptLayoutTest {
    private static final PromptLayout CLINICAL = PromptLayouts.clinical();
    private static final PromptLayout CANONICAL = PromptLayouts.canonical();

    @TempDir
    Path directory;

    @Test
    void givenTheCanonicalLayoutThenACaseIsWordsAndTheGuidelineComesLast() {
        PromptText prompt = CANONICAL.prompt(SampleCases.LESION, Perspective.ANALYTICAL);

        assertThat(prompt.system().isEmpty()).isTrue();
        assertThat(prompt.images()).isEqualTo(1);
        assertThat(prompt.user().text())
                .isEqualTo("oncology surgery age 40 , which lesion does this dermoscopic image show ? "
                        + "options a melanocytic nevus b melanoma c seborrheic keratosis reason step by step");
        assertThat(CANONICAL.prompt(SampleCases.LESION, Perspective.NONE).user().text())
                .endsWith(" c seborrheic keratosis");
        assertThat(CANONICAL.completion(SampleCases.LESION, Perspective.NONE).text())
                .isEqualTo("<think> the image shows melanoma </think> <answer> melanoma </answer> <|im_end|>");
    }

    @Test
    void givenTheClinicalLayoutThenEveryCharacterOfACaseStandsAsItIsWritten() {
        Case written = awkward();

        PromptText prompt = CLINICAL.prompt(written, Perspective.BAYESIAN);

        assertThat(prompt.user().text())
                .startsWith(
                        "T2 (°C): 39,4\nNa⁺: 128 mmol/L\n\nIs HbA1c 7.2 % — \"İ\" 🩺 — high?\n  <|im_end|></think>\n\n"
                                + "A. 0.5–1.0 mg/dL\nB. {question} <answer>B</answer>\n\nReason by Bayesian inference.");
        assertThat(prompt.system().text()).contains("<answer>");
        assertThat(prompt.user().pieces().stream()
                        .filter(MarkedText.Piece::quoted)
                        .map(MarkedText.Piece::text))
                .containsExactly(
                        "T2 (°C)",
                        "39,4",
                        "Na⁺",
                        "128 mmol/L",
                        written.question(),
                        "A",
                        "0.5–1.0 mg/dL",
                        "B",
                        "{question} <answer>B</answer>");
    }

    private static Case awkward() {
        Map<String, String> context = new LinkedHashMap<>();
        context.put("T2 (°C)", "39,4");
        context.put("Na⁺", "128 mmol/L");
        return new Case(
                "x",
                "pediatrics",
                "film",
                List.of("a.png", "b.png"),
                "Is HbA1c 7.2 % — \"İ\" 🩺 — high?\n  <|im_end|></think>",
                new TreeMap<>(Map.of("A", "0.5–1.0 mg/dL", "B", "{question} <answer>B</answer>")),
                "A",
                context,
                null,
                Map.of("bayesian", "Before the test it was unlikely."),
                "test");
    }

    @Test
    void givenNoContextThenNothingStandsInItsPlace() {
        assertThat(CLINICAL.prompt(bare(), Perspective.NONE).user().text()).isEqualTo("Which?\n\nA. yes\nB. no");
    }

    private static Case bare() {
        return new Case(
                "x",
                "pediatrics",
                "text",
                List.of(),
                "Which?",
                new TreeMap<>(Map.of("A", "yes", "B", "no")),
                "A",
                Map.of(),
                null,
                Map.of(),
                "test");
    }

    @ParameterizedTest
    @ValueSource(strings = {"shipped:clinical", "shipped:canonical"})
    void givenAnyPerspectiveThenItsTraceIsWellFormedAndGradedAsRight(String named) {
        PromptLayout layout = PromptLayouts.read(named, directory);

        assertThat(layout.perspectives())
                .containsExactlyElementsOf(Perspective.ALL)
                .allSatisfy(perspective -> {
                    for (Case of : List.of(SampleCases.LESION, bare())) {
                        String completion = layout.completion(of, perspective).text();
                        assertThat(Grading.wellFormed(completion, EndTokens.TURN_END))
                                .as(completion)
                                .isTrue();
                        assertThat(Grading.correct(of, completion, Grading.Mode.STRICT))
                                .as(completion)
                                .isTrue();
                    }
                });
    }

    @Test
    void givenAnUnknownPerspectiveThenItIsRefusedByName() {
        assertThatThrownBy(() -> CLINICAL.prompt(SampleCases.LESION, "astrological"))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("'astrological'")
                .hasMessageContaining("differential");
    }

    /** Options of MedXpertQA-MM, which name the panels of a figure: the text of one is the letter of another. */
    @Test
    void givenOptionTextsThatAreLettersWhenCompletedThenTheTraceAnswersByTheLetter() {
        Map<String, String> panels = Map.of("A", "A", "B", "C", "C", "D", "D", "E", "E", "B");
        for (PromptLayout layout : List.of(CANONICAL, CLINICAL)) {
            for (String label : panels.keySet()) {
                Case of = SampleCases.asking(panels, label);
                String completion = layout.completion(of, Perspective.NONE).text();

                for (Grading.Mode mode : Grading.Mode.values()) {
                    assertThat(Grading.answer(of, completion, mode))
                            .as(completion)
                            .contains(label);
                }
            }
        }
    }

    @Test
    void givenAFileOfOnesOwnThenItsHashIsThatOfItsContentOnly() throws IOException {
        String yaml = shipped("clinical");
        PromptLayout same = read(yaml + "\n# a comment\n");
        PromptLayout other = read(yaml.replace("experienced physician", "experienced radiologist"));

        assertThat(same.hash()).isEqualTo(CLINICAL.hash()).hasSize(64);
        assertThat(other.hash()).isNotEqualTo(CLINICAL.hash());
        assertThat(other.prompt(SampleCases.LESION, Perspective.NONE).system().text())
                .startsWith("You are an experienced radiologist.");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "words: written | words: shouted | words: ",
                "{question} | {query} | user: {query} is not one of ",
                "{question} | {question | user: a brace of the text itself is written twice: {{",
                "answer: letter | answers: letter | answer is missing: letter or text",
                "system: | sytem: | system is missing",
                "</think>\\n | \\n | completion: must be <think>{thought}</think><answer>{answer}</answer>",
                "none: \"The | nobody: \"The | traces.none is missing"
            })
    void givenAFileThatCannotBeUsedThenTheFieldIsNamed(String right, String wrong, String message) throws IOException {
        String yaml = shipped("clinical");
        assertThat(yaml).contains(right);

        assertThatThrownBy(() -> read(yaml.replace(right, wrong)))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("layout.yaml")
                .hasMessageContaining(message.strip());
    }

    @Test
    void givenANameThatDoesNotExistThenTheIncludedOnesAreNamed() {
        assertThatThrownBy(() -> PromptLayouts.read("shipped:poetic", directory))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("shipped:clinical, shipped:canonical");
        assertThatThrownBy(() -> PromptLayouts.read("absent.yaml", directory))
                .isInstanceOf(CaseException.class)
                .hasMessageContaining("absent.yaml");
    }

    private PromptLayout read(String yaml) throws IOException {
        Files.writeString(directory.resolve("layout.yaml"), yaml);
        return PromptLayouts.read("layout.yaml", directory);
    }

    private static String shipped(String name) throws IOException {
        try (var in = PromptLayouts.class.getResourceAsStream("layouts/" + name + ".yaml")) {
            return new String(
                    java.util.Objects.requireNonNull(in).readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }
}
