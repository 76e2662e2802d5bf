package ai.consilium.estimators;

import java.util.List;

/**
 * REINFORCE leave-one-out (arXiv 2402.14740): each member's reward less the mean of the others'. Every component leaves out
 * for itself, over those in which it was observed: a baseline never depends on the member that it judges.
 *
 * @param weights of the sum
 */
public record Rloo(Weights weights) implements Estimator {

    @Override
    public Estimate estimate(List<Observation> group) {
        return RewardTerms.of(group, weights, NanStatistics::leaveOneOut).scaled(1);
    }
}
