package ai.consilium.cli.eval;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.grading.Grading;
import ai.consilium.evaluation.Evaluator;
import org.jspecify.annotations.Nullable;

/**
 * One completion and what it was taken for: a line of predictions.jsonl.
 *
 * @param adapter its name; base is the model alone
 * @param file of the case
 * @param id of the case
 * @param sample number, from 0
 * @param label letter of the right option
 * @param strict letter by strict extraction, null without one
 * @param strictCorrect whether it is the label
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
        int sample,
        String label,
        @Nullable String strict,
        boolean strictCorrect,
        @Nullable String compat,
        boolean compatCorrect,
        String completion,
        int tokens,
        boolean truncated) {

    /** What a prediction is found by. */
    record Key(String adapter, String file, String id, int sample) {}

    /** Grades a completion. */
    static Prediction of(Key key, Evaluator.Answer answer, String completion) {
        Case asked = answer.asked();
        String strict = Grading.answer(asked, completion, Grading.Mode.STRICT).orElse(null);
        String compat = Grading.answer(asked, completion, Grading.Mode.COMPAT).orElse(null);
        return new Prediction(
                key.adapter(),
                key.file(),
                key.id(),
                asked.specialty(),
                key.sample(),
                asked.label(),
                strict,
                asked.label().equals(strict),
                compat,
                asked.label().equals(compat),
                completion,
                answer.completion().length,
                answer.truncated());
    }

    Key key() {
        return new Key(adapter, file, id, sample);
    }
}
