package ai.consilium.reward.scorer;

import ai.consilium.schemas.Component;
import java.util.function.Function;

/**
 * A scorer that is a function of what it is shown.
 *
 * @param identity which scorer it is
 * @param component which part of the advantage it feeds
 * @param verdict gives the same verdict for the same request; from any thread
 */
public record LocalScorer(ScorerType.Identity identity, Component component, Function<ScoringRequest, Verdict> verdict)
        implements Scorer {
    @Override
    public Verdict score(ScoringRequest submission) {
        return verdict.apply(submission);
    }
}
