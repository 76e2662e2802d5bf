package ai.consilium.cases.check;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.grading.Grading.Mode;
import ai.consilium.cases.prompt.PromptLayout;
import java.util.List;
import java.util.Optional;

/** A trace that the reward would grade as wrong teaches at the start what reinforcement then punishes. */
final class TraceCheck {
    /** What is wrong with the completions that a run would imitate. */
    static List<String> problems(Case of, PromptLayout layout) {
        // Perspectives without a trace of their own share the answer, and so its problem.
        return layout.perspectives().stream()
                .flatMap(perspective -> problem(
                        of,
                        of.traces().containsKey(perspective) ? "traces." + perspective : "label",
                        layout.completion(of, perspective).text())
                        .stream())
                .distinct()
                .toList();
    }

    /** What is wrong with one completion. @param field that it is made from */
    static Optional<String> problem(Case of, String field, String completion) {
        if (!Grading.correct(of, completion, Mode.STRICT)) {
            String read = Grading.answer(of, completion, Mode.STRICT)
                    .map(letter -> "as option " + letter)
                    .orElse("as no option");
            return Optional.of(
                    field + ": a trace made from it would be graded " + read + ", the label is " + of.label());
        }
        return Grading.wellFormed(completion, EndTokens.TURN_END)
                ? Optional.empty()
                : Optional.of(field + ": a trace made from it would not be well formed");
    }

    /** Traces that no run would look at. */
    static List<String> notes(Case of, PromptLayout layout) {
        return of.traces().keySet().stream()
                .filter(perspective -> !layout.perspectives().contains(perspective))
                .map(perspective -> "traces." + perspective + ": is not used; perspectives are "
                        + String.join(", ", layout.perspectives()))
                .toList();
    }

    private TraceCheck() {}
}
