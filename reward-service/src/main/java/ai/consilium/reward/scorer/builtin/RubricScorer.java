package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import org.jspecify.annotations.Nullable;

/** A guideline that is checked by a rubric. */
public record RubricScorer(String name, @Nullable String perspective, String version, Rubric rubric) implements Scorer {
    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public Verdict score(ScoringRequest submission) {
        return rubric.score(submission.about(), submission.completion());
    }
}
