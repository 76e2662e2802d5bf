package ai.consilium.advantage;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * Group-relative policy optimisation (DeepSeekMath, arXiv 2402.03300): {@code A = (r − μ)/(σ + ε)} on the weighted sum
 * {@code r = w_a a + w_f f + λ s} (Ungated: with λ = 0 it is accuracy and format alone.)
 *
 * <p>An unscored component stands at its group mean, so that it neither lifts nor lowers the member, and a member of which
 * nothing was observed has the advantage 0. With complete scores this is the textbook formula. The terms {@code z_a},
 * {@code z_f}, {@code z_g} add up to the advantage.
 *
 * @param weights of the sum
 */
public record Grpo(Weights weights) implements Estimator {

    @Override
    public Estimate estimate(List<Observation> group) {
        double[] accuracy = weighted(group, Observation::accuracy, weights.accuracy());
        double[] format = weighted(group, Observation::format, weights.format());
        double[] guideline = weighted(group, Observation::guideline, weights.guideline());
        double[] sum = new double[group.size()];
        boolean signal = false;
        for (int i = 0; i < sum.length; i++) {
            boolean observed = !(Double.isNaN(accuracy[i]) && Double.isNaN(format[i]) && Double.isNaN(guideline[i]));
            double a = Observed.orZero(accuracy[i]);
            double f = Observed.orZero(format[i]);
            double g = Observed.orZero(guideline[i]);
            sum[i] = observed ? a + f + g : Double.NaN;
            signal |= a != 0 || f != 0 || g != 0;
        }
        // Each component is centred already, so the sum's mean is 0.
        double deviation = Observed.deviation(sum);
        double scale = deviation < Observed.NO_SPREAD ? 0 : 1 / (deviation + Observed.EPSILON);
        List<Estimate.Member> members = new ArrayList<>();
        for (int i = 0; i < sum.length; i++) {
            Parts parts = Parts.of(group.get(i))
                    .put("z_a", accuracy[i] * scale)
                    .put("z_f", format[i] * scale)
                    .put("z_g", guideline[i] * scale);
            members.add(new Estimate.Member(Observed.orZero(sum[i]) * scale, parts.map()));
        }
        return new Estimate(members, signal);
    }

    private static double[] weighted(List<Observation> group, ToDoubleFunction<Observation> component, double weight) {
        double[] centred =
                Observed.centred(group.stream().mapToDouble(component).toArray());
        for (int i = 0; i < centred.length; i++) {
            centred[i] *= weight;
        }
        return centred;
    }
}
