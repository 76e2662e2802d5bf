package ai.consilium.estimators;

import java.util.List;

/**
 * Group-relative policy optimisation (DeepSeekMath, arXiv 2402.03300): {@code A = (r − μ)/(σ + ε)} on the weighted sum
 * {@code r = w_a a + w_f f + λ s} (ungated: with λ = 0 it is accuracy and format alone).
 *
 * <p>A member of which nothing was observed has the advantage 0. With complete scores this is the textbook formula.
 *
 * @param weights of the sum
 */
public record Grpo(Weights weights) implements Estimator {

    @Override
    public Estimate estimate(List<Observation> group) {
        RewardTerms terms = RewardTerms.of(group, weights, NanStatistics::centred);
        // Each component is centred already, so the sum's mean is 0.
        double deviation = NanStatistics.deviation(terms.sums());
        return terms.scaled(deviation < NanStatistics.NO_SPREAD ? 0 : 1 / (deviation + NanStatistics.EPSILON));
    }
}
