package ai.consilium.estimators;

import java.util.List;

/**
 * GRPO done right (arXiv 2503.20783): {@code A = r − μ} on the weighted sum. Not divided by the deviation, so that groups
 * on which nearly all agree count no more than the rest.
 *
 * @param weights of the sum
 */
public record DrGrpo(Weights weights) implements Estimator {

    @Override
    public Estimate estimate(List<Observation> group) {
        return RewardTerms.of(group, weights, NanStatistics::centred).scaled(1);
    }
}
