package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricDropout;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import org.jspecify.annotations.Nullable;

/**
 * A guideline that is checked by a rubric.
 *
 * @param dropout null: every criterion counts
 */
public record RubricScorer(
        ScorerType.Identity identity,
        Rubric rubric,
        @Nullable RubricDropout dropout) implements Scorer {
    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public Verdict score(ScoringRequest submission) {
        if (dropout == null) {
            return rubric.score(submission.about(), submission.completion());
        }
        RubricDropout.Thinned thinned = dropout.of(rubric, submission.groupSeed(), version());
        return thinned.noted(thinned.rubric().score(submission.about(), submission.completion()));
    }
}
