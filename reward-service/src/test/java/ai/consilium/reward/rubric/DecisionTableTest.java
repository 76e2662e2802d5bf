package ai.consilium.reward.rubric;

import static ai.consilium.reward.ScoringExamples.EVIDENCE;
import static ai.consilium.reward.ScoringExamples.pneumonia;
import static ai.consilium.reward.ScoringExamples.thinking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.clinic.SimulatedCase;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.cases.prompt.PromptLayouts;
import ai.consilium.platform.UsageException;
import ai.consilium.reward.dmn.DecisionModel;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Published rules as decision tables: against the clinic's own code, and against what reasoning makes of them. */
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class DecisionTableTest {
    /** Names of the numbers in the tables, by those of the clinic's context. */
    private static final Map<String, String> NUMBERS = Map.of(
            "urea", "urea value",
            "pressure", "systolic pressure",
            "age", "age in years",
            "months", "age in months",
            "breathing", "breathing rate");

    private static final String CSV = """
            U,film,urea,placement
            1,\"""clear\""",-,\"""no pneumonia\"""
            2,\"""one\"", \""both\""",\"""normal\""",\"""home care\"""
            3,\"""one\"", \""both\""",\"""high\""",\"""ward\"""
            """;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({
        "curb-65, placement, adult_medicine",
        "imci-cough, classification, pediatrics",
        "icdr, grade, brain_senses",
        "seven-point, action, oncology_surgery"
    })
    void givenTenThousandPatientsThenTheTableDecidesAsTheClinicDoes(String name, String decision, String specialty)
            throws IOException {
        DecisionModel model = shipped(name);
        assertThat(model.decision(null)).isEqualTo(decision);
        for (SimulatedCase drawn : Clinic.cases(new ClinicSettings(11, 0.3, 1, 0, 0), "any", specialty, 10_000)) {
            Case about = drawn.of();
            Case.Evidence evidence = Objects.requireNonNull(about.evidence());
            assertThat(model.decide(decision, raw(about)))
                    .as("of %s, from what was measured", about.context())
                    .contains(about.answer());
            assertThat(model.decide(decision, findings(evidence)))
                    .as("of %s", evidence.findings())
                    .contains(about.answer());
            if (evidence.score() != null) {
                assertThat(model.decide("score", raw(about))).contains(evidence.score());
            }
        }
    }

    /** Numbers and words of the text, and what is seen in the image. */
    private static Map<String, String> raw(Case about) {
        Map<String, String> raw = new LinkedHashMap<>();
        Objects.requireNonNull(about.evidence()).findings().stream()
                .filter(finding -> finding.from().equals("image"))
                .forEach(finding -> raw.put(finding.name(), finding.value()));
        about.context()
                .forEach((name, value) ->
                        raw.put(value.matches("\\d+") ? Objects.requireNonNull(NUMBERS.get(name), name) : name, value));
        return raw;
    }

    private static Map<String, String> findings(Case.Evidence evidence) {
        Map<String, String> findings = new LinkedHashMap<>();
        evidence.findings().forEach(finding -> findings.put(finding.name(), finding.value()));
        return findings;
    }

    @ParameterizedTest
    @CsvSource({
        "curb-65, adult_medicine",
        "imci-cough, pediatrics",
        "icdr, brain_senses",
        "seven-point, oncology_surgery"
    })
    void givenTracesOfTheClinicThenTheyFollowTheRuleAndWithoutTheirFindingsTheyDoNot(String name, String specialty)
            throws IOException {
        Rubric rubric = rubric("shipped:" + name);
        for (SimulatedCase drawn : Clinic.cases(new ClinicSettings(7, 0.3, 1, 0, 0), "train", specialty, 60)) {
            Case about = drawn.of();
            String trace = PromptLayouts.canonical()
                    .completion(about, Perspective.ANALYTICAL)
                    .text();
            assertThat(value(rubric, about, trace)).as(trace).isEqualTo(1, within(1e-12));
            assertThat(value(rubric, about, thinking("so " + about.answer()))).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "1.0, film one urea high breathing normal so ward",
        "0.5, film one urea high breathing normal so home care",
        "0.5, film one urea normal so home care",
        "0.0, film one urea normal so ward",
        "0.0, so ward",
        "1.0, film clear no film one urea high so ward"
    })
    void givenReasoningThenHalfIsForWhatFollowsAndHalfForWhatIsRight(double expected, String thought)
            throws IOException {
        Rubric rubric = rubric("rule.csv");

        assertThat(value(rubric, pneumonia(EVIDENCE), thinking(thought))).isEqualTo(expected, within(1e-12));
    }

    @Test
    void givenNumbersThenTheyAreMeasuredByTheTable() throws IOException {
        Rubric rubric = rubric("shipped:curb-65");

        assertThat(value(rubric, pneumonia(EVIDENCE), thinking("film one urea 12 breathing 18 so home care")))
                .isEqualTo(1, within(1e-12));
        assertThat(value(rubric, pneumonia(EVIDENCE), thinking("film one urea 12 breathing 31 so ward")))
                .as("follows, but from a number that is not the patient's")
                .isEqualTo(0.5, within(1e-12));
    }

    @Test
    void givenSentencesThenTheyAreRead() throws IOException {
        Files.writeString(folder.resolve("rule.csv"), CSV);
        Files.writeString(folder.resolve("own.yaml"), """
                name: own
                reads: sentences
                criteria:
                  - {kind: decision_table, file: rule.csv, weight: 1}
                """);
        Rubric rubric = RubricFile.read("reward.scorers.file", "own.yaml", folder);

        assertThat(value(
                        rubric,
                        pneumonia(EVIDENCE),
                        "<think>One side of the film is opaque: film one. The urea is raised. This patient belongs on the"
                                + " ward.</think><answer>B</answer>"))
                .isEqualTo(1, within(1e-12));
    }

    @Test
    void givenARubricWithATableThenItIsWholeOnTheLogAndIsReadBack() throws IOException {
        Rubric rubric = rubric("rule.csv");
        ObjectMapper json = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .build();

        String body = json.writeValueAsString(rubric);

        assertThat(body).contains("home care").doesNotContain("rule.csv");
        assertThat(json.readValue(body, Rubric.class)).isEqualTo(rubric);
    }

    @Test
    void givenACaseThatTheTableDoesNotSpeakOfThenTheCriterionIsLeftOut() throws IOException {
        Case.Evidence other = new Case.Evidence(
                List.of(new Case.Finding("veil", "yes", "image", true)), "7-point", null, List.of("excise"));

        assertThat(rubric("rule.csv").score(pneumonia(other), thinking("veil yes so excise")))
                .isInstanceOf(Verdict.Unscored.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "C+,a,b|the corner must hold|Q,a,b",
                "no rules|has no rules|U,a,b",
                "cells|rule 1: has 2 cells, the first line has 3|U,a,b;1,2",
                "feel|decision 'b', rule 1: '>>' is not FEEL|U,a,b;1,>>,3",
                "xml|line 1: |<definitions",
                "version|is not DMN 1.3, 1.4 or 1.5|<definitions xmlns='http://www.omg.org/spec/DMN/20151101/dmn.xsd'/>",
                "entity|DOCTYPE is disallowed|<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>"
            })
    void givenATableThatCannotBeUsedThenItIsRefusedByFileAndPlace(String what, String message, String text)
            throws IOException {
        Files.writeString(folder.resolve("own.yaml"), """
                name: own
                criteria:
                  - {kind: decision_table, file: rule.csv, weight: 1}
                """);
        Files.writeString(folder.resolve("rule.csv"), text.replace(";", "\n"));

        assertThatThrownBy(() -> RubricFile.read("reward.scorers.file", "own.yaml", folder))
                .as(what)
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith(folder.resolve("own.yaml") + ": rule.csv: ")
                .hasMessageContaining(message);
    }

    @Test
    void givenRulesThatContradictTheirHitPolicyThenThatIsSaid() {
        DecisionModel model = new DecisionModel("U,a,b\n1,>= 1,\"\"\"x\"\"\"\n2,>= 2,\"\"\"y\"\"\"\n");

        assertThat(model.decide("b", Map.of("a", "1"))).contains("x");
        assertThatThrownBy(() -> model.decide("b", Map.of("a", "2")))
                .hasMessage("decision 'b': several rules hold, but its hit policy is UNIQUE: [x, y]");
    }

    private Rubric rubric(String table) throws IOException {
        Files.writeString(folder.resolve("rule.csv"), CSV);
        Files.writeString(folder.resolve("own.yaml"), """
                name: own
                criteria:
                  - {kind: decision_table, file: "%s", weight: 1}
                """.formatted(table));
        return RubricFile.read("reward.scorers.file", "own.yaml", folder);
    }

    private static double value(Rubric rubric, Case about, String completion) {
        Verdict verdict = rubric.score(about, completion);
        assertThat(verdict).isInstanceOf(Verdict.Scored.class);
        return ((Verdict.Scored) verdict).value();
    }

    private static DecisionModel shipped(String name) throws IOException {
        try (InputStream in = Objects.requireNonNull(RubricFile.class.getResourceAsStream("tables/" + name + ".dmn"))) {
            return new DecisionModel(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
