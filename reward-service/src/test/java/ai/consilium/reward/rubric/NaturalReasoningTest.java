package ai.consilium.reward.rubric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.consilium.cases.format.Case;
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
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class NaturalReasoningTest {
    private static final Lexicon LEXICON = new Lexicon(Map.of(
            "breathing", List.of("respiratory rate", "breaths per minute"),
            "pressure", List.of("blood pressure", "systolic pressure"),
            "confusion", List.of("confused"),
            "urea", List.of("BUN")));

    private static final String HONEST = "The urea is raised at 10.3 mmol/L and the respiratory rate is high. "
            + "Blood pressure is normal and the patient is confused. That adds up to a score of 3. "
            + "Home care is too risky before treatment, so the ward is the most likely right place.";

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvFileSource(
            resources = "sentences.tsv",
            delimiter = '\t',
            numLinesToSkip = 3,
            quoteCharacter = '`',
            emptyValue = "",
            nullValues = "null")
    void givenAThoughtInSentencesThenACriterionIsMetAsTheTableSays(
            String criterion, double met, String thought, String why) {
        String said = thought == null ? "" : thought;
        String[] words = criterion.split(" ", 3);
        Case.Finding finding = words.length == 3 ? new Case.Finding(words[1], words[2], "text", true) : urea();
        Case.Evidence evidence = evidence(finding);
        Reading reading = new NaturalReasoning("<think>" + said + "</think>", LEXICON, evidence);
        double result = switch (words[0]) {
            case "states" -> reading.states(finding) ? 1 : 0;
            case "contradicts" -> reading.contradicts(finding, List.of()) ? 1 : 0;
            default -> check(criterion(words), reading, evidence);
        };

        assertThat(result).as("%s: %s (%s)", criterion, said, why).isEqualTo(met, within(1e-9));
    }

    private static Case.Finding urea() {
        return new Case.Finding("urea", "high", "text", true);
    }

    private static Case.Evidence evidence(Case.Finding asked) {
        Map<String, Case.Finding> findings = new TreeMap<>();
        for (Case.Finding each : List.of(
                urea(),
                new Case.Finding("breathing", "52/min", "text", true),
                new Case.Finding("pressure", "normal", "text", false),
                new Case.Finding("confusion", "yes", "text", true),
                asked)) {
            findings.put(each.name(), each);
        }
        return new Case.Evidence(List.copyOf(findings.values()), "CURB-65", "3", List.of("ward", "home care"));
    }

    private static Criterion criterion(String[] words) {
        return switch (words[0]) {
            case "score" -> new Criterion.StatesScore(1);
            case "named" -> new Criterion.NamesCandidates(1, 2);
            case "mentions" -> new Criterion.Mentions(1, List.of(words[1]));
            case "prose" -> new Criterion.Prose(1);
            case "concludes" -> new Criterion.Concludes(1);
            case "words" -> new Criterion.MaxWords(1, Integer.parseInt(words[1]));
            case "key" -> new Criterion.StatesKeyFinding(1);
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private static double check(Criterion criterion, Reading reading, Case.Evidence evidence) {
        return criterion.check(reading, evidence).orElseThrow().met();
    }

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
                        urea(),
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

    @Test
    void givenAVeryLongThoughtThenTheTimeIsLinear() {
        Rubric rubric = RubricFile.read("reward.scorers.file", "shipped:clinical/analytical", folder);

        assertTimeoutPreemptively(Duration.ofSeconds(30), () -> {
            for (String part : List.of("urea ", "urea high ", "urea is high. ", "no ", "ward, ", "a ", "3 ")) {
                score(rubric, part.repeat(50_000));
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
