package ai.consilium.reward.rubric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.clinic.TraceStyle;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.scorer.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class NaturalReasoningTest {
    private static final String HONEST = "The urea is raised at 10.3 mmol/L and the respiratory rate is high. "
            + "Blood pressure is normal and the patient is confused. That adds up to a score of 3. "
            + "Home care is too risky before treatment, so the ward is the most likely right place.";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"differential", "intuitive", "analytical", "bayesian"})
    void givenTextThatIsMadeForTheRubricThenAnHonestShortTraceIsWorthMore(String name) {
        Rubric rubric = RubricFile.read("reward.scorers.file", "shipped:clinical/" + name, folder);

        double honest = score(rubric, HONEST);

        assertThat(honest).as(name).isGreaterThan(0.9);
        assertThat(score(
                        rubric,
                        "urea high breathing high pressure normal confusion yes score 3 ward home care before likely"))
                .as("a list of key words")
                .isLessThan(honest - 0.2);
        assertThat(score(
                        rubric,
                        "So the ward is the most likely right place. That adds up to a score of 3. "
                                + "Home care is too risky before treatment. Blood pressure is normal and the patient is confused. "
                                + "The urea is raised at 10.3 mmol/L and the respiratory rate is high."))
                .as("its sentences shuffled")
                .isLessThan(honest);
        assertThat(score(
                        rubric,
                        "urea: 10.3 mmol/L, respiratory rate: 38/min, blood pressure: 110. Where should this patient be "
                                + "treated? A. ward B. home care"))
                .as("the case copied")
                .isLessThan(honest - 0.3);
        assertThat(score(rubric, "score: 1.0")).isLessThan(0.2);
        assertThat(score(rubric, "lactate ".repeat(40))).isLessThan(0.2);
        assertThat(score(rubric, "The urea is normal. The respiratory rate is normal. So home care is right."))
                .as("wrong findings")
                .isLessThan(honest - 0.4);
    }

    private static double score(Rubric rubric, String thought) {
        Case.Evidence evidence = new Case.Evidence(
                List.of(
                        new Case.Finding("urea", "high", "text", true),
                        new Case.Finding("breathing", "high", "text", true),
                        new Case.Finding("pressure", "normal", "text", false),
                        new Case.Finding("confusion", "yes", "text", true)),
                "CURB-65",
                "3",
                List.of("ward", "home care"));
        Case about = new Case(
                "x",
                "adult_medicine",
                "text",
                List.of(),
                "Where should this patient be treated?",
                new TreeMap<>(Map.of("A", "ward", "B", "home care")),
                "A",
                Map.of("urea", "10.3 mmol/L"),
                evidence,
                Map.of(),
                "test");
        return ((Verdict.Scored) rubric.score(about, "<think>" + thought + "</think><answer>A</answer><|im_end|>"))
                .value();
    }

    @ParameterizedTest
    @ValueSource(strings = {"adult_medicine", "pediatrics", "brain_senses", "oncology_surgery"})
    void givenTheClinicsTracesInSentencesThenTheirGuidelinesScoreThemHigh(String specialty) {
        ClinicSettings settings = new ClinicSettings(7, 0.3, TraceStyle.SENTENCES, 1, 0, 0);
        for (SimulatedCase drawn : Clinic.cases(settings, "train", specialty, 60)) {
            Case of = drawn.of();
            for (String perspective : List.of("differential", "intuitive", "analytical", "bayesian")) {
                Rubric rubric = RubricFile.read("reward.scorers.file", "shipped:clinical/" + perspective, folder);

                Verdict verdict = rubric.score(
                        of, PromptLayouts.clinical().completion(of, perspective).text());

                assertThat(verdict)
                        .isInstanceOfSatisfying(
                                Verdict.Scored.class,
                                scored -> assertThat(scored.value())
                                        .as(
                                                "%s of %s: %s %s",
                                                perspective,
                                                of.id(),
                                                of.traces().get(perspective),
                                                scored)
                                        .isGreaterThan(0.9));
            }
        }
    }

    @Test
    void givenAVeryLongThoughtThenTheTimeIsLinear() {
        Rubric rubric = RubricFile.read("reward.scorers.file", "shipped:clinical/analytical", folder);

        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (String part : List.of("urea ", "urea high ", "urea is high. ", "no ", "ward, ", "a ", "1,", "</b>")) {
                score(rubric, part.repeat(100_000));
            }
        });
    }

    @Test
    void givenTermsForWordsThenTheRubricIsRefused() throws IOException {
        Files.writeString(folder.resolve("own.yaml"), """
                name: own
                terms: {urea: [BUN]}
                criteria:
                  - {kind: states_findings, which: all, weight: 1}
                """);

        assertThatThrownBy(() -> RubricFile.read("reward.scorers.file", "own.yaml", folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("terms: only a rubric with 'reads: sentences' has them");
    }
}
