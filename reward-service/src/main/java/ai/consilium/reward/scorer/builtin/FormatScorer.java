package ai.consilium.reward.scorer.builtin;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.util.List;

/** Format, 0 or 1: one think element, one answer element, end of text, nothing else (docs/algorithms.md, Rewards). */
public record FormatScorer(ScorerType.Identity identity, EndTokens ends) implements Scorer {
    @Override
    public Component component() {
        return Component.FORMAT;
    }

    @Override
    public Verdict score(ScoringRequest submission) {
        boolean formed = submission.ended(ends) && Grading.wellFormed(submission.completion(), ends);
        return formed ? new Verdict.Scored(1, List.of()) : new Verdict.Scored(0, List.of("not well-formed"));
    }
}
