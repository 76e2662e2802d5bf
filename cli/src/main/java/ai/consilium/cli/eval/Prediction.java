package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.Grading;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.evaluation.Evaluator;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One completion and what it was taken for: a line of predictions.jsonl.
 *
 * @param adapter its name; base is the model alone
 * @param file of the case
 * @param id of the case
 * @param perspective whose instruction was given; lines of versions before had none, and no instruction
 * @param sample number, from 0
 * @param label letter of the right option
 * @param strict letter by strict extraction, null without one
 * @param strictCorrect whether it is the label
 * @param lenient letter by lenient extraction, null without one
 * @param lenientCorrect whether it is the label
 * @param compat letter by compat extraction, null without one
 * @param compatCorrect whether it is the label
 * @param completion its text
 * @param tokens of the completion
 * @param truncated cut at the limit
 */
record Prediction(
        String adapter,
        String file,
        String id,
        String specialty,
        String perspective,
        int sample,
        String label,
        @Nullable String strict,
        boolean strictCorrect,
        @Nullable String lenient,
        boolean lenientCorrect,
        @Nullable String compat,
        boolean compatCorrect,
        String completion,
        int tokens,
        boolean truncated) {

    Prediction {
        perspective = Objects.requireNonNullElse(perspective, Perspective.NONE);
    }

    /** What a prediction is found by. */
    record Key(String adapter, String perspective, String file, String id, int sample) {}

    /** Grades a completion. */
    static Prediction of(Key key, Evaluator.Answer answer, Evaluator evaluator) {
        Case asked = answer.asked();
        String strict = evaluator.letter(answer, Grading.Mode.STRICT).orElse(null);
        String lenient = evaluator.letter(answer, Grading.Mode.LENIENT).orElse(null);
        String compat = evaluator.letter(answer, Grading.Mode.COMPAT).orElse(null);
        return new Prediction(
                key.adapter(),
                key.file(),
                key.id(),
                asked.specialty(),
                key.perspective(),
                key.sample(),
                asked.label(),
                strict,
                asked.label().equals(strict),
                lenient,
                asked.label().equals(lenient),
                compat,
                asked.label().equals(compat),
                evaluator.text(answer),
                answer.completion().length,
                answer.truncated());
    }

    /** By one way of extraction: the letter, null without one. */
    @Nullable
    String letter(Grading.Mode mode) {
        return switch (mode) {
            case STRICT -> strict;
            case LENIENT -> lenient;
            case COMPAT -> compat;
        };
    }

    Key key() {
        return new Key(adapter, perspective, file, id, sample);
    }
}
