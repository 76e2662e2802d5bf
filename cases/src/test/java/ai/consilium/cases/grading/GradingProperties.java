package ai.consilium.cases.grading;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.Markup;
import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.grading.Grading.Mode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for any completion. */
class GradingProperties {
    private static final Case CHEST = SampleCases.asking(
            Map.of("A", "Pneumonia", "B", "No pneumonia", "C", "Pleural effusion", "D", "Pneumothorax"), "B");

    private static final List<String> FORMS = List.of(
            "%s",
            "(%s)", "%s.", "%s)", "**%s**", "\\boxed{%s}", "\\boxed{\\text{%s}}", "Option %s", "Answer: %s", "%s. ");

    private static final List<String> BETWEEN = List.of(" or ", " and ", ", ", "/", "\n", " ", ". ", "; not ");

    @Property(tries = 1000)
    void givenAnyTextWhenReadThenNothingIsThrownAndTheAnswerIsAnOption(@ForAll("completions") String completion) {
        for (Mode mode : Mode.values()) {
            Grading.answer(CHEST, completion, mode)
                    .ifPresent(letter -> assertThat(CHEST.options()).containsKey(letter));
        }
        Grading.wellFormed(completion, EndTokens.TURN_END);
    }

    @Property(tries = 1000)
    void givenTwoDifferentAnswersInOneElementThenThereIsNone(
            @ForAll("said") String one, @ForAll("said") String other, @ForAll("between") String between) {
        // What says nothing by itself, such as "Pneumonia)", may say something behind a letter: "(A) Pneumonia)".
        if (read(one).isPresent() && read(other).isPresent() && !read(one).equals(read(other))) {
            assertThat(read(one + between + other)).isEmpty();
        }
    }

    @Property(tries = 1000)
    void givenTwoElementsWithDifferentAnswersThenThereIsNone(@ForAll("said") String one, @ForAll("said") String other) {
        String completion = element(one) + " " + element(other);

        if (!read(one).equals(read(other))) {
            assertThat(Grading.answer(CHEST, completion, Mode.LENIENT)).isEmpty();
        }
        assertThat(Grading.answer(CHEST, completion, Mode.STRICT)).isEmpty();
    }

    @Property
    void givenAStrictAnswerThenTheLenientOneIsTheSame(@ForAll("completions") String completion) {
        Grading.answer(CHEST, completion, Mode.STRICT)
                .ifPresent(letter -> assertThat(Grading.answer(CHEST, completion, Mode.LENIENT))
                        .contains(letter));
    }

    private static Optional<String> read(String said) {
        return Grading.answer(CHEST, element(said), Mode.LENIENT);
    }

    private static String element(String said) {
        return Markup.ANSWER_START + said + Markup.ANSWER_END;
    }

    /** An option in some form: by its letter or by its text. */
    @Provide
    Arbitrary<String> said() {
        List<String> options = IntStream.range(0, 2)
                .boxed()
                .flatMap(part -> CHEST.options().entrySet().stream()
                        .map(option -> part == 0 ? option.getKey() : option.getValue()))
                .toList();
        return Arbitraries.of(FORMS).flatMap(form -> Arbitraries.of(options).map(form::formatted));
    }

    @Provide
    Arbitrary<String> between() {
        return Arbitraries.of(BETWEEN);
    }

    /** Mark-up, forms and any characters, in any order. */
    @Provide
    Arbitrary<String> completions() {
        Arbitrary<String> part = Arbitraries.oneOf(
                Arbitraries.of(Markup.SPECIAL),
                said(),
                Arbitraries.of(
                        "\\boxed{", "}", "{", "boxed", "\n\n", ".", ":", "answer is", "**answer**", "(", "\u0130"),
                Arbitraries.strings().ofMaxLength(8));
        return part.list().ofMaxSize(12).map(parts -> String.join("", parts));
    }
}
