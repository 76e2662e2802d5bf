package ai.consilium.reward.judge;

import ai.consilium.reward.rubric.CriterionVerdict;
import ai.consilium.reward.rubric.JudgedCriterion;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricDropout;
import ai.consilium.reward.scorer.RequestLimits;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerUnavailableException;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A guideline of whose criteria a judge checks some. A criterion without a verdict leaves the whole unscored: a score of the
 * others would be one of another rubric.
 */
public final class JudgedScorer implements Scorer {
    private final ScorerType.Identity identity;
    private final Rubric rubric;
    private final @Nullable RubricDropout dropout;
    private final RequestLimits limits;
    private final Judge judge;

    /**
     * A rubric with its judge.
     *
     * @param rubric with at least one criterion for a judge
     * @param dropout null: every criterion counts
     */
    public JudgedScorer(
            ScorerType.Identity identity,
            Rubric rubric,
            @Nullable RubricDropout dropout,
            JudgeSettings settings,
            ScorerType.Resources resources) {
        this.identity = identity;
        this.rubric = rubric;
        this.dropout = dropout;
        this.limits = settings.limits(rubric.judged().size());
        this.judge = new Judge(identity.name(), settings, resources);
    }

    @Override
    public ScorerType.Identity identity() {
        return identity;
    }

    @Override
    public Component component() {
        return Component.GUIDELINE;
    }

    @Override
    public boolean remote() {
        return true;
    }

    @Override
    public RequestLimits limits() {
        return limits;
    }

    @Override
    public Verdict score(ScoringRequest submission) throws ScorerUnavailableException, InterruptedException {
        if (dropout == null) {
            return score(rubric, submission);
        }
        RubricDropout.Thinned thinned = dropout.of(rubric, submission.groupSeed(), version());
        return thinned.noted(score(thinned.rubric(), submission));
    }

    private Verdict score(Rubric criteria, ScoringRequest submission)
            throws ScorerUnavailableException, InterruptedException {
        Map<JudgedCriterion, CriterionVerdict> judgements;
        try {
            judgements = judge.judge(criteria.judged(), submission);
        } catch (NoJudgementException none) {
            return new Verdict.Unscored(none.reason());
        }
        return criteria.score(submission.about(), submission.completion(), judgements);
    }
}
