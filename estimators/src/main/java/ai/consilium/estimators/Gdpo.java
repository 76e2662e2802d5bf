package ai.consilium.estimators;

import java.util.List;

/**
 * Group reward-decoupled normalisation (arXiv 2601.05242; TRL's {@code normalize_then_sum}): every component is normalised
 * within the group, then summed by weight. What comes out is that sum: the second normalisation is over a training batch,
 * which only the learner knows ({@link BatchNormalisation}).
 *
 * @param weights of the sum
 */
public record Gdpo(Weights weights) implements Estimator {

    @Override
    public Estimate estimate(List<Observation> group) {
        return RewardTerms.of(group, weights, NanStatistics::normalised).scaled(1);
    }

    @Override
    public boolean normalisesOverBatch() {
        return true;
    }
}
