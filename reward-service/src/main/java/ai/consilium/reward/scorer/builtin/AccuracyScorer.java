package ai.consilium.reward.scorer.builtin;

import ai.consilium.cases.grading.EndTokens;
import ai.consilium.cases.grading.Grading;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.util.List;

/**
 * Verifiable accuracy, 0 or 1: the extracted answer is the label (docs/algorithms.md, Rewards). A completion
 * that did not come to its end earns nothing: paying accuracy to truncated samples teaches the policy never to stop.
 */
public record AccuracyScorer(ScorerType.Identity identity, Grading.Mode answer, EndTokens ends) implements Scorer {
    @Override
    public Component component() {
        return Component.ACCURACY;
    }

    @Override
    public Verdict score(ScoringRequest submission) {
        if (!submission.ended(ends)) {
            return new Verdict.Scored(0, List.of("no end of text: the answer does not count"));
        }
        String label = submission.about().label();
        return Grading.answer(submission.about(), ends.without(submission.completion()), answer)
                .map(letter -> new Verdict.Scored(
                        letter.equals(label) ? 1 : 0, List.of("answer " + letter + ", label " + label)))
                .orElseGet(() -> new Verdict.Scored(0, List.of("no option by " + answer.label() + " extraction")));
    }
}
