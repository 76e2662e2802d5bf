package ai.consilium.estimators;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.function.UnaryOperator;

/**
 * The weighted terms of a group whose reward is the sum {@code r = w_a a + w_f f + λ s} (ungated). Each component is made
 * relative to the group by itself, so that an unscored one stands at its baseline and neither lifts nor lowers the member;
 * NaN is unobserved.
 *
 * @param group in the order of all arrays
 * @param accuracy {@code w_a} times the relative accuracy
 * @param format {@code w_f} times the relative format
 * @param guideline {@code λ} times the relative guideline score
 */
record RewardTerms(List<Observation> group, double[] accuracy, double[] format, double[] guideline) {

    /** Terms of a group; {@code relative} makes one component's scores relative to the group. */
    static RewardTerms of(List<Observation> group, Weights weights, UnaryOperator<double[]> relative) {
        return new RewardTerms(
                group,
                weighted(group, Observation::accuracy, weights.accuracy(), relative),
                weighted(group, Observation::format, weights.format(), relative),
                weighted(group, Observation::guideline, weights.guideline(), relative));
    }

    private static double[] weighted(
            List<Observation> group,
            ToDoubleFunction<Observation> component,
            double weight,
            UnaryOperator<double[]> relative) {
        double[] terms = relative.apply(group.stream().mapToDouble(component).toArray());
        for (int i = 0; i < terms.length; i++) {
            terms[i] *= weight;
        }
        return terms;
    }

    /** Sum of each member's terms; NaN for a member of which nothing was observed. */
    double[] sums() {
        double[] sums = new double[group.size()];
        for (int i = 0; i < sums.length; i++) {
            boolean observed = !(Double.isNaN(accuracy[i]) && Double.isNaN(format[i]) && Double.isNaN(guideline[i]));
            sums[i] = observed
                    ? NanStatistics.orZero(accuracy[i])
                            + NanStatistics.orZero(format[i])
                            + NanStatistics.orZero(guideline[i])
                    : Double.NaN;
        }
        return sums;
    }

    /** Advantages: the sums times {@code scale}; parts {@code z_a}, {@code z_f}, {@code z_g} add up to them. */
    Estimate scaled(double scale) {
        double[] sums = sums();
        List<Estimate.Member> members = new ArrayList<>();
        for (int i = 0; i < sums.length; i++) {
            AdvantageBreakdown parts = AdvantageBreakdown.of(group.get(i))
                    .put("z_a", accuracy[i] * scale)
                    .put("z_f", format[i] * scale)
                    .put("z_g", guideline[i] * scale);
            members.add(new Estimate.Member(NanStatistics.orZero(sums[i]) * scale, parts.map()));
        }
        return new Estimate(members, RewardSignal.of(accuracy, format, guideline));
    }
}
