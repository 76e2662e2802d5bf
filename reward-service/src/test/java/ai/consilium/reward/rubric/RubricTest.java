package ai.consilium.reward.rubric;

import static ai.consilium.reward.ScoringExamples.EVIDENCE;
import static ai.consilium.reward.ScoringExamples.pneumonia;
import static ai.consilium.reward.ScoringExamples.thinking;
import static java.util.stream.Collectors.toMap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.scorer.Verdict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RubricTest {
    private final Path folder;

    RubricTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @ParameterizedTest
    @CsvSource({
        "analytical, film one urea high 1 breathing normal 1 score 2 so ward",
        "differential, 'film one urea high 1 breathing normal 1 score 2 consider home care or ward , favours ward'",
        "bayesian, 'before home care is common , film one urea high 1 breathing normal 1 after that ward'",
        "intuitive, at first sight film one urea high so ward"
    })
    void givenReasoningInTheWordsOfItsOwnPerspectiveThenItEarnsEverything(String name, String thought) {
        assertThat(score(shipped(name), thought)).isEqualTo(1, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"analytical", "differential", "bayesian", "intuitive"})
    void givenTracesOfTheSimulatedClinicThenTheyEarnEverythingByTheirOwnRubricOnly(String name) {
        Rubric rubric = shipped(name);
        for (String specialty : Clinic.SPECIALTIES) {
            for (SimulatedCase drawn : Clinic.cases(new ClinicSettings(7, 0.3, 1, 0, 0), "train", specialty, 60)) {
                Case about = drawn.of();
                assertThat(value(
                                rubric,
                                about,
                                PromptLayouts.canonical()
                                        .completion(about, name)
                                        .text()))
                        .as("%s of %s", name, about.traces())
                        .isEqualTo(1, within(1e-12));
                assertThat(value(
                                rubric,
                                about,
                                PromptLayouts.canonical()
                                        .completion(about, Perspective.NONE)
                                        .text()))
                        .as("%s of the unprompted trace", name)
                        .isLessThanOrEqualTo(name.equals(Perspective.ANALYTICAL) ? 1 : 0.9);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"analytical", "differential", "bayesian", "intuitive"})
    void givenTracesOfTheSimulatedClinicWhenHeldOutThenTheyEarnMostByTheirOwnRubric(String name) {
        Rubric rubric = shipped("held-out/" + name);
        for (String specialty : Clinic.SPECIALTIES) {
            for (SimulatedCase drawn : Clinic.cases(new ClinicSettings(7, 0.3, 1, 0, 0), "train", specialty, 60)) {
                Case about = drawn.of();
                Map<String, Double> scores = Perspective.ALL.stream()
                        .collect(toMap(
                                perspective -> perspective,
                                perspective -> value(
                                        rubric,
                                        about,
                                        PromptLayouts.canonical()
                                                .completion(about, perspective)
                                                .text())));
                assertThat(scores.get(name))
                        .as("%s of %s", name, about.traces())
                        .isEqualTo(1, within(1e-12));
                if (!name.equals(Perspective.ANALYTICAL)) {
                    assertThat(scores.get(Perspective.ANALYTICAL)).isLessThan(0.8);
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"analytical", "differential", "bayesian", "intuitive"})
    void givenWrongFindingsThenTheyEarnNothing(String name) {
        assertThat(score(shipped(name), "film both urea normal breathing high score 5 so ward"))
                .isZero();
    }

    @Test
    void givenPartsOfTheFindingsThenTheyEarnPartsOfTheScore() {
        // given 2 of 3 findings and the score: (5 · 2/3 + 3 + 1) / 9
        assertThat(score(shipped("analytical"), "film one urea high score 2 so ward"))
                .isEqualTo((10.0 / 3 + 4) / 9, within(1e-12));
    }

    @Test
    void givenEveryValueListedThenItIsPunished() {
        double honest = score(shipped("analytical"), "film one urea high breathing normal score 2");
        double hedging = score(
                shipped("analytical"),
                "film one film both urea high urea normal breathing normal breathing high score 2");

        assertThat(hedging).isLessThan(honest - 0.5);
    }

    @Test
    void givenAVeryLongThoughtWhenScoredThenTheTimeIsLinear() {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String part : List.of("urea high ", "ward or ", "<think> ", "score ", "a ")) {
                for (String name : List.of("differential", "intuitive", "analytical", "bayesian")) {
                    score(shipped(name), EVIDENCE, part.repeat(100_000));
                }
            }
        });
    }

    @Test
    void givenACaseWithoutEvidenceThenItIsUnscored() {
        assertThat(shipped("analytical").score(pneumonia(null), thinking("film one")))
                .isEqualTo(new Verdict.Unscored("case carries no evidence"));
    }

    @Test
    void givenACompletionWithoutReasoningThenItEarnsNothing() {
        assertThat(shipped("intuitive").score(pneumonia(EVIDENCE), "<answer> ward </answer> <|im_end|>"))
                .isInstanceOfSatisfying(
                        Verdict.Scored.class,
                        scored -> assertThat(scored.value()).isZero());
    }

    @Test
    void givenCriteriaThatTheCaseCannotCheckThenTheyLeaveTheRubric() {
        // given nothing abnormal and no score of a rule
        Case.Evidence clear = new Case.Evidence(
                List.of(new Case.Finding("film", "clear", "image", false)), "none", null, List.of("no pneumonia"));

        assertThat(score(shipped("intuitive"), clear, "at first sight so no pneumonia"))
                .isEqualTo(1, within(1e-12));
        assertThat(score(shipped("analytical"), clear, "film clear so no pneumonia"))
                .isEqualTo(1, within(1e-12));
    }

    @Test
    void givenALongerCandidateThenItIsNotAlsoTheShorterOneWithinIt() {
        Criterion.NamesCandidates both = new Criterion.NamesCandidates(1, 2);
        Case.Evidence evidence = new Case.Evidence(List.of(), "WHO", null, List.of("pneumonia", "severe pneumonia"));

        assertThat(both.check(NormalizedReasoning.of(thinking("consider severe pneumonia")), evidence))
                .hasValueSatisfying(check -> assertThat(check.met()).isEqualTo(0.5));
        assertThat(both.check(NormalizedReasoning.of(thinking("consider severe pneumonia or pneumonia")), evidence))
                .hasValueSatisfying(check -> assertThat(check.met()).isEqualTo(1));
    }

    @Test
    void givenARubricOfOnesOwnWhenReadThenItIsTakenFromTheFile() throws IOException {
        // given
        Files.writeString(folder.resolve("own.yaml"), """
            name: own
            perspective: bayesian
            criteria:
              - {kind: states_findings, which: abnormal, weight: 2}
              - {kind: mentions, words: [follow up], weight: 2}
            """);

        // when
        Rubric rubric = RubricFile.read("reward.scorers.file", "own.yaml", folder);

        // then
        assertThat(rubric.perspective()).isEqualTo("bayesian");
        assertThat(score(rubric, "film one urea high so ward")).isEqualTo(0.5, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{kind: states_feelings, weight: 1} | states_feelings | :4:",
                "{kind: max_words, weight: 1}       | limit: is missing | :4:",
                "{kind: states_score, weight: 0}    | weight          | :4:",
                "{kind: states_score, weight: 1, wait: 1} | wait      | :4:",
                "{kind: states_score, weight: -1}   | positive weight | own.yaml",
            })
    void givenABrokenRubricWhenReadThenItIsRefusedByFileLineAndField(String criterion, String field, String place)
            throws IOException {
        Files.writeString(
                folder.resolve("own.yaml"), "name: own\ncriteria:\n  # the only one\n  - " + criterion + "\n");

        assertThatThrownBy(() -> RubricFile.read("reward.scorers.file", "own.yaml", folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("own.yaml", field, place)
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenAMissingRubricWhenReadThenItIsRefusedByName() {
        assertThatThrownBy(() -> RubricFile.read("reward.scorers.file", "nowhere.yaml", folder))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("nowhere.yaml");
        assertThatThrownBy(() -> RubricFile.read("reward.scorers.file", "shipped:lunar", folder))
                .hasMessageContaining("[differential");
    }

    private Rubric shipped(String name) {
        return RubricFile.read("reward.scorers.file", RubricFile.SHIPPED_PREFIX + name, folder);
    }

    private static double score(Rubric rubric, String thought) {
        return score(rubric, EVIDENCE, thought);
    }

    private static double score(Rubric rubric, Case.Evidence evidence, String thought) {
        return value(rubric, pneumonia(evidence), thinking(thought));
    }

    private static double value(Rubric rubric, Case about, String completion) {
        return ((Verdict.Scored) rubric.score(about, completion)).value();
    }
}
