package ai.consilium.reward.rubric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rubric files in the layouts of other projects, each by a small one written by hand. */
class ForeignRubricTest {
    private final Path folder;

    ForeignRubricTest(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void givenAnExampleOfHealthBenchThenItsRubricIsRead() throws IOException {
        Rubric rubric = read("fever.json", """
            {"prompt": [{"role": "user", "content": "My child is hot."}], "prompt_id": "p-1",
            \t"example_tags": ["theme:emergency"], "ideal_completions_data": null, "canary": "x",
            \t"rubrics": [
            \t\t{"criterion": "Asks for the age", "points": 5, "tags": ["axis:completeness"]},
            \t\t{"criterion": "Recommends aspirin", "points": -7, "tags": []}]}
            """);

        assertThat(rubric.name()).isEqualTo("fever");
        assertThat(rubric.criteria())
                .containsExactly(
                        new JudgedCriterion(5, "Asks for the age", null, List.of("axis:completeness"), null),
                        new JudgedCriterion(-7, "Recommends aspirin", null, List.of(), null));
    }

    @Test
    void givenACriteriaFileOfVerifiersThenWhatWeighsNothingIsLeftOut() throws IOException {
        Rubric rubric = read("quality.json", """
            {"criteria": [
              {"name": "clear", "text": "How clear is it?", "weight": 2, "choices": ["poor", "fair", "good"]},
              {"name": "cited", "text": "Does it cite the film?"},
              {"name": "watched", "text": "Is it long?", "weight": 0}]}
            """);

        assertThat(rubric.criteria())
                .containsExactly(
                        new JudgedCriterion(2, "How clear is it?", "clear", null, List.of("poor", "fair", "good")),
                        new JudgedCriterion(1, "Does it cite the film?", "cited", null, List.of("no", "yes")));
    }

    @Test
    void givenAListOfAutorubricThenItsWeightsAreTaken() throws IOException {
        Rubric rubric = read("margin.yaml", """
            - weight: 8.0
              requirement: States the margin
            - {name: errors, weight: -15.0, requirement: Invents a figure}
            - requirement: Is brief
            """);

        assertThat(rubric.name()).isEqualTo("margin");
        assertThat(rubric.criteria())
                .containsExactly(
                        new JudgedCriterion(8, "States the margin", null, null, null),
                        new JudgedCriterion(-15, "Invents a figure", "errors", null, null),
                        new JudgedCriterion(10, "Is brief", null, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "{sections: %s}", "{rubric: {sections: %s}}", "{rubric: %s}"})
    void givenSectionsOfAutorubricThenTheirCriteriaAreReadInOrder(String around) throws IOException {
        Rubric rubric = read("case.yaml", around.formatted("""
                [{name: findings, criteria: [{weight: 8, requirement: Names the margin},
                                             {requirement: Names the colours}]},
                 {title: Errors, criteria: [{name: errors, weight: -15, requirement: Invents a figure}]},
                 {requirement: Is brief}]"""));

        assertThat(rubric.criteria())
                .containsExactly(
                        new JudgedCriterion(8, "Names the margin", null, null, null),
                        new JudgedCriterion(10, "Names the colours", null, null, null),
                        new JudgedCriterion(-15, "Invents a figure", "errors", null, null),
                        new JudgedCriterion(10, "Is brief", null, null, null));
    }

    @Test
    void givenTheTomlOfVerifiersThenItIsReadAsItsJson() throws IOException {
        Rubric rubric = read("quality.TOML", """
            title = "Safety"

            [[criteria]]
            name = "clear"
            text = "How clear is it?"
            weight = 2
            choices = ["poor", "fair", "good"]

            [[criteria]]
            name = "cited"
            text = "Does it cite the film?"
            """);

        assertThat(rubric.name()).isEqualTo("quality");
        assertThat(rubric.criteria())
                .containsExactly(
                        new JudgedCriterion(2, "How clear is it?", "clear", null, List.of("poor", "fair", "good")),
                        new JudgedCriterion(1, "Does it cite the film?", "cited", null, List.of("no", "yes")));
    }

    @Test
    void givenTomlThatCannotBeReadThenFilePositionAndFieldAreNamed() {
        assertThatThrownBy(() -> read("odd.toml", "[[criteria]]\nname = \"a\"\ntext = \n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("odd.toml:3: ");
        assertThatThrownBy(() -> read("odd.toml", "[[criteria]]\nname = \"a\"\nname = \"b\"\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("odd.toml:4: Duplicate key");
        assertThatThrownBy(() -> read("odd.toml", "[[criteria]]\nname = \"a\"\ntext = \"b\"\nweigth = 2\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("odd.toml", "criteria[0].weigth: unknown field");
    }

    @Test
    void givenOurOwnFormAsJsonThenJudgedAndCheckedCriteriaStandTogether() throws IOException {
        Rubric rubric = read("own.json", """
            {"name": "mixed", "perspective": "analytical", "criteria": [
              {"kind": "judge", "text": "Weighs alternatives", "weight": 3, "tags": ["reasoning"]},
              {"kind": "max_words", "limit": 50, "weight": 1}]}
            """);

        assertThat(rubric.perspective()).isEqualTo("analytical");
        assertThat(rubric.judged())
                .containsExactly(new JudgedCriterion(3, "Weighs alternatives", null, List.of("reasoning"), null));
        assertThat(rubric.criteria()).hasSize(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "{rubrics: [{criterion: a, points: 0}]}                     | rubrics[0] | points: must be a number other than 0",
                "{rubrics: [{criterion: a, points: .nan}]}                  | odd.yaml:1 | .nan",
                "{rubrics: [{criterion: a, points: many}]}                  | rubrics[0].points | many",
                "{rubrics: [{criterion: a}]}                                | rubrics[0].points | is missing",
                "{rubrics: [{criterion: a, points: 1}, {points: 1}]}        | rubrics[1] | criterion: is needed",
                "{rubrics: [{criterion: a, points: 1, pionts: 2}]}          | rubrics[0].pionts | unknown field",
                "{rubrics: [{criterion: a, points: 1}], rubric: x}          | rubric     | unknown field",
                "{rubrics: [{criterion: a, points: -1}]}                    | criteria   | a positive weight",
                "{rubrics: []}                                              | criteria   | a positive weight",
                "{rubrics: null}                                            | odd.yaml   | an entry is empty",
                "{rubrics: [{criterion: a, points: 1}, null]}               | odd.yaml   | an entry is empty",
                "[{weight: 1, requirement: a}, null]                        | odd.yaml   | an entry is empty",
                "{sections: [null]}                                         | odd.yaml   | an entry is empty",
                "{rubrics: {criterion: a, points: 1}}                       | rubrics    | ",
                "{criteria: [{name: a, text: b, weight: -1}]}               | criteria[0] | weight: must be 0 or more",
                "{criteria: [{name: a, text: b, choices: [x]}]}             | choices    | at least two",
                "{criteria: [{name: a, text: b, choices: [x, x]}]}          | choices    | twice",
                "{criteria: [{text: b}]}                                    | criteria[0] | name: is needed",
                "{criteria: [{name: a, text: b}, {kind: judge, name: d, text: c}]} | criteria[1].kind | unknown field",
                "[{weight: 0, requirement: a}]                              | [0]        | weight: must be a number other than 0",
                "{criteria: [{name: a, text: b}, {name: a, text: c}]}       | criteria   | name 'a' stands there twice",
                "{perspective: bayesian, criteria: [{name: a, text: b}]}    | criteria[0] | kind",
                "[{weight: 1, requirement: a, options: []}]                 | [0].options | unknown field",
                "{sections: [{criteria: [{weight: 0, requirement: a}]}]}    | sections[0].criteria[0] | weight: must be a number other than 0",
                "{sections: [{weight: 2, criteria: [{requirement: a}]}]}    | sections[0] | weight: is of a criterion",
                "{sections: [{requirement: a, criteria: [{requirement: b}]}]} | sections[0] | one of them",
                "{sections: []}                                             | criteria   | a positive weight",
                "{sections: {criteria: []}}                                 | sections   | ",
                "[{weight: 1, requirement: a}, {weight: 1, criterion: a}]   | [1]        | requirement: is needed",
                "[{weight: 1, wish: a}]                                     | first entry | 'requirement' or 'criteria' (autorubric)",
                "[]                                                         | first entry | 'text' (verifiers)",
                "{name: own, criteria: [{kind: judge, text: ' ', weight: 1}]} | criteria[0] | text: what the judge is to look for",
                "{name: own, criteria: [{kind: judge, weight: 1}]}          | criteria[0] | text: what the judge is to look for",
                "{name: own, criteria: [{kind: judge, text: a, weight: 1, weight: 2}]} | weight | Duplicate",
            })
    void givenAnythingOddThenFilePositionAndFieldAreNamed(String file, String place, String problem) {
        assertThatThrownBy(() -> read("odd.yaml", file))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("odd.yaml", place, problem == null ? "" : problem)
                .hasMessageNotContaining("\n");
    }

    @Test
    void givenSeveralDocumentsThenTheyAreRefused() {
        assertThatThrownBy(() -> read("many.json", "{\"rubrics\": []}\n{\"rubrics\": []}\n"))
                .isInstanceOf(UsageException.class)
                .hasMessageContainingAll("many.json:2", "a rubric is one");
    }

    @Test
    void givenCriteriaForAJudgeWhereNoneIsAskedThenTheyAreRefused() throws IOException {
        Files.writeString(folder.resolve("own.yaml"), "- {weight: 1, requirement: Is brief}\n");

        assertThatThrownBy(() -> RubricFile.read("--guideline", "own.yaml", folder))
                .isInstanceOf(UsageException.class)
                .hasMessageStartingWith("--guideline: own.yaml: criterion 'Is brief' is for a judge");
    }

    private Rubric read(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
        return RubricFile.readWithJudged("reward.scorers.file", name, folder);
    }
}
