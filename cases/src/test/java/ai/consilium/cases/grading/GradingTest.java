package ai.consilium.cases.grading;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.grading.Grading.Mode;
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

    @ParameterizedTest
    @CsvSource({
        "B. melanoma, B",
        "(c) whatever, C",
        "answer: A, A",
        "melanomas, B",
        "nevus, A",
        "a seborrheic keratosi, C",
    })
    void givenALooseAnswerWhenReadCompatiblyThenTheNearestOptionIsTaken(String said, String letter) {
        assertThat(Grading.answer(SampleCases.LESION, answering(said), Mode.COMPAT))
                .contains(letter);
        assertThat(Grading.answer(SampleCases.LESION, said, Mode.COMPAT)).contains(letter);
    }

    @Test
    void givenNothingSaidWhenReadCompatiblyThenThereIsNoAnswer() {
        assertThat(Grading.answer(SampleCases.LESION, "<think> melanoma </think> <|im_end|>", Mode.COMPAT))
                .isEmpty();
    }

    /** Values of Python's difflib.SequenceMatcher(None, a, b).ratio(). */
    @ParameterizedTest
    @CsvSource({
        "abcd, bcde, 0.75",
        "ward, award, 0.8888888888888888",
        "abc, xyz, 0",
        "private thread, private volatile, 0.6666666666666666"
    })
    void givenTwoTextsWhenComparedThenTheLikenessIsDifflibs(String left, String right, double ratio) {
        assertThat(TextSimilarity.ratio(left, right)).isEqualTo(ratio);
    }

    @Test
    void givenExactlyThoughtAnswerAndEndThenItIsWellFormed() {
        assertThat(Grading.wellFormed(answering("ward"))).isTrue();
        assertThat(Grading.wellFormed("<think>urea < 7</think><answer>b</answer><|im_end|>\n"))
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
        assertThat(Grading.wellFormed(completion)).isFalse();
    }
}
