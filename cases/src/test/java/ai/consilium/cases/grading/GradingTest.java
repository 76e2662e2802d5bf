package ai.consilium.cases.grading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.grading.Grading.Mode;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradingTest {
    private static String answering(String answer) {
        return "<think> a thought </think> <answer> " + answer + " </answer> <|im_end|>";
    }

    @ParameterizedTest
    @ValueSource(strings = {"B", "b", "melanoma", "Melanoma", "  melanoma\n"})
    void givenTheRightLetterOrTextWhenGradedStrictlyThenItIsCorrect(String answer) {
        assertThat(Grading.correct(SampleCases.LESION, answering(answer), Mode.STRICT))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "D", "melanom", "B. melanoma", "melanoma or melanocytic nevus", "a melanoma"})
    void givenAnythingElseWhenReadStrictlyThenThereIsNoAnswer(String answer) {
        assertThat(Grading.answer(SampleCases.LESION, answering(answer), Mode.STRICT))
                .isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "melanoma",
                "<answer> melanoma",
                "melanoma </answer>",
                "<answer> melanoma </answer> <answer> melanocytic nevus </answer>",
                "<answer> <answer> melanoma </answer>",
            })
    void givenNoSingleAnswerElementWhenReadStrictlyThenThereIsNoAnswer(String completion) {
        assertThat(Grading.answer(SampleCases.LESION, completion, Mode.STRICT)).isEmpty();
    }

    @Test
    void givenAnAnswerWithoutSpacesWhenReadThenItIsFound() {
        assertThat(Grading.answer(SampleCases.LESION, "<think>x</think><answer>b</answer>", Mode.STRICT))
                .contains("B");
    }

    /** Values of Python's difflib.SequenceMatcher(None, a, b).ratio(). */
    @ParameterizedTest
    @CsvSource({
        "abcd, bcde, 0.75",
        "\uD83D\uDE00abc, \uD83D\uDE00abd, 0.75",
        "ward, award, 0.8888888888888888",
        "abc, xyz, 0",
        "private thread, private volatile, 0.6666666666666666"
    })
    void givenTwoTextsWhenComparedThenTheLikenessIsDifflibs(String left, String right, double ratio) {
        assertThat(new TextSimilarity(right).ratio(left)).isEqualTo(ratio);
    }

    /** From 200 characters on, difflib begins no match with a character that makes up more than 1 % of the text. */
    @Test
    void givenALongTextWhenComparedThenTheLikenessIsDifflibs() {
        String film = "the cardiac silhouette is normal. ".repeat(6) + "there is no pneumonia.";

        assertThat(new TextSimilarity(film).ratio("b. no pneumonia")).isEqualTo(0.1078838174273859);
        assertThat(new TextSimilarity(film).ratio("a. pneumonia")).isEqualTo(0.08403361344537816);
        assertThat(new TextSimilarity("ab".repeat(100)).ratio("ab".repeat(50))).isEqualTo(0.6666666666666666);
        assertThat(new TextSimilarity("x".repeat(199)).ratio("x".repeat(10))).isEqualTo(0.09569377990430622);
        assertThat(new TextSimilarity("x".repeat(200)).ratio("x".repeat(10))).isEqualTo(0.09523809523809523);
    }

    @Test
    void givenExactlyThoughtAnswerAndEndThenItIsWellFormed() {
        assertThat(wellFormed(answering("ward"))).isTrue();
        assertThat(wellFormed("<think>urea < 7</think><answer>b</answer><|im_end|>\n"))
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<think> x </think> <answer> y </answer>",
                "<think> </think> <answer> y </answer> <|im_end|>",
                "<think> x </think> <answer> </answer> <|im_end|>",
                "<answer> y </answer> <|im_end|>",
                "<think> x </think> y <answer> y </answer> <|im_end|>",
                "well <think> x </think> <answer> y </answer> <|im_end|>",
                "<think> x </think> <answer> y </answer> <|im_end|> z",
                "<think> x </think> <think> x </think> <answer> y </answer> <|im_end|>",
                "<think> x <answer> z </answer> </think> <answer> y </answer> <|im_end|>",
                "<think> x </think> <answer> y </answer> <answer> y </answer> <|im_end|>",
                "<think> x <|im_end|> </think> <answer> y </answer> <|im_end|>",
            })
    void givenAnythingElseThenItIsNotWellFormed(String completion) {
        assertThat(wellFormed(completion)).isFalse();
    }

    @Test
    void givenAnotherEndTokenOfTheModelThenItIsWellFormedToo() {
        EndTokens ends = new EndTokens(List.of("<|im_end|>", "</s>"));
        String formed = "<think>The lungs are clear.</think>\n<answer>B</answer>";

        assertThat(Grading.wellFormed(formed + "</s>", ends)).isTrue();
        assertThat(Grading.wellFormed(formed + "<|im_end|>\n", ends)).isTrue();
        assertThat(Grading.wellFormed(formed, ends)).isFalse();
        assertThat(Grading.wellFormed(formed + "</s></s>", ends)).isFalse();
        assertThat(Grading.wellFormed(formed.replace("clear", "</s>") + "</s>", ends))
                .isFalse();
        assertThat(wellFormed(formed + "</s>")).isFalse();
        assertThat(ends.without(formed + "</s>")).isEqualTo(formed);
        assertThat(ends.without(formed)).isEqualTo(formed);
    }

    /** Seconds for each, where the time grows with the square of the length; milliseconds where it is linear. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<answer> ",
                "</think> <answer> ",
                "<think> ",
                "<answer> B </answer> ",
                "\\boxed{",
                "{",
                "((",
                ".",
                "**answer**",
                "A. ",
                "\n\n",
                "a\u0315\u0300\u05ae",
                "no pneumonia "
            })
    void givenARepeatedPartWhenGradedThenTheTimeIsLinear(String part) {
        assertTimeoutPreemptively(Duration.ofSeconds(20), () -> {
            for (String completion : List.of(
                    part.repeat(20_000),
                    part.repeat(100_000),
                    answering(part.repeat(100_000)),
                    "<answer>" + part.repeat(100_000))) {
                for (Mode mode : Mode.values()) {
                    Grading.answer(SampleCases.LESION, completion, mode);
                }
                wellFormed(completion);
            }
        });
    }

    private static boolean wellFormed(String completion) {
        return Grading.wellFormed(completion, EndTokens.TURN_END);
    }
}
