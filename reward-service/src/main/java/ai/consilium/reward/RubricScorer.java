package ai.consilium.reward;

import ai.consilium.schemas.Component;
import org.jspecify.annotations.Nullable;

/** A guideline that is checked by a rubric. */
record RubricScorer(String name, @Nullable String perspective, String version, Rubric rubric) implements Scorer {
    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public Verdict score(Submission submission) {
        return rubric.score(submission.about(), submission.completion());
    }
}
