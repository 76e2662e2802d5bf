package ai.consilium.cases.check;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.prompt.PromptLayouts;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TraceCheckTest {
    private static final Case LESION = SampleCases.LESION;

    private static String completion(String thought, String answer) {
        return "<think> " + thought + " </think> <answer> " + answer + " </answer> <|im_end|>";
    }

    @Test
    void givenATraceThatIsGradedAsAnotherOptionThenLabelAndReadingAreNamed() {
        assertThat(TraceCheck.problem(LESION, "traces.none", completion("so", "a")))
                .hasValue("traces.none: a trace made from it would be graded as option A, the label is B");
        assertThat(TraceCheck.problem(LESION, "label", completion("so", "nothing")))
                .hasValue("label: a trace made from it would be graded as no option, the label is B");
        assertThat(TraceCheck.problem(LESION, "traces.none", completion("<think>", "melanoma")))
                .hasValue("traces.none: a trace made from it would not be well formed");
        assertThat(TraceCheck.problem(LESION, "label", completion("so", "melanoma")))
                .isEmpty();
        assertThat(TraceCheck.problems(LESION, PromptLayouts.canonical())).isEmpty();
    }

    @Test
    void givenATraceOfNoPerspectiveThenItIsNotedThatNobodyReadsIt() {
        Case misspelt = new Case(
                LESION.id(),
                LESION.specialty(),
                LESION.modality(),
                LESION.images(),
                LESION.question(),
                LESION.options(),
                LESION.label(),
                LESION.context(),
                null,
                Map.of("diferential", "so"),
                LESION.source());

        assertThat(TraceCheck.notes(misspelt, PromptLayouts.canonical()))
                .containsExactly(
                        "traces.diferential: is not used; perspectives are differential, intuitive, analytical,"
                                + " bayesian, none");
    }
}
