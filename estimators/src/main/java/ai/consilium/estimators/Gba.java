package ai.consilium.estimators;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Guideline-based advantage (docs/algorithms.md, Advantages; after MMedExpert-R1, arXiv 2601.10949): accuracy and
 * format are normalised over the group, the guideline score within its perspective, and a guideline may temper what
 * accuracy says but never overrule it.
 *
 * <p>Parts: {@code z_a}, {@code z_f}, {@code z_g} are unweighted; {@code guideline_term} is λ z_g after the cap, so
 * that {@code A = (w_a z_a + w_f z_f + guideline_term) / √(w_a² + w_f² + λ²)}.
 *
 * @param weights of the three terms
 * @param gamma γ: where guideline and accuracy disagree, {@code |λ z_g| ≤ γ w_a |z_a|}
 * @param gate whose guideline scores are compared
 * @param stratified whether they are compared within their perspective, else within the whole group
 * @param alone whether they count where accuracy says nothing: in a group whose answers are all right; else such a group teaches nothing
 */
public record Gba(Weights weights, double gamma, GuidelineGate gate, boolean stratified, boolean alone)
        implements Estimator {
    static Gba of(Map<String, Double> parameters) {
        return new Gba(
                Weights.of(parameters),
                Weights.parameter(parameters, "gamma"),
                GuidelineGate.of(parameters),
                parameters.getOrDefault("stratified", 1.0) != 0,
                parameters.getOrDefault("guideline_alone", 1.0) != 0);
    }

    @Override
    public Estimate estimate(List<Observation> group) {
        double[] accuracy = NanStatistics.normalised(
                group.stream().mapToDouble(Observation::accuracy).toArray());
        double[] format = NanStatistics.normalised(
                group.stream().mapToDouble(Observation::format).toArray());
        double[] guideline = alone || NanStatistics.varies(accuracy)
                ? guidelineTerm(group)
                : NanStatistics.flat(group.stream().mapToDouble(gate::score).toArray());
        List<Estimate.Member> members = new ArrayList<>();
        double[] a = new double[group.size()];
        double[] f = new double[group.size()];
        double[] g = new double[group.size()];
        for (int i = 0; i < group.size(); i++) {
            a[i] = weights.accuracy() * NanStatistics.orZero(accuracy[i]);
            f[i] = weights.format() * NanStatistics.orZero(format[i]);
            g[i] = capped(weights.guideline() * NanStatistics.orZero(guideline[i]), NanStatistics.orZero(accuracy[i]));
            AdvantageBreakdown parts = AdvantageBreakdown.of(group.get(i))
                    .put("z_a", accuracy[i])
                    .put("z_f", format[i])
                    .put("z_g", guideline[i])
                    .put("guideline_term", Double.isNaN(guideline[i]) ? Double.NaN : g[i]);
            members.add(new Estimate.Member((a[i] + f[i] + g[i]) / weights.norm(), parts.map()));
        }
        return new Estimate(members, RewardSignal.of(a, f, g));
    }

    /** Where the signs disagree and accuracy has one, the guideline is held under γ of what accuracy weighs. */
    private double capped(double guideline, double accuracy) {
        if (accuracy == 0 || Math.signum(guideline) == Math.signum(accuracy)) {
            return guideline;
        }
        double limit = gamma * weights.accuracy() * Math.abs(accuracy);
        return Math.max(-limit, Math.min(limit, guideline));
    }

    /**
     * {@code z_g}: distance of the gated score from the mean of its stratum over the spread pooled from the strata with at
     * least two scores that are compared. NaN where the score is unobserved; 0 where it is not compared, or alone.
     */
    private double[] guidelineTerm(List<Observation> group) {
        double[] scores = new double[group.size()];
        Map<String, List<Integer>> strata = new LinkedHashMap<>();
        for (int i = 0; i < scores.length; i++) {
            Observation o = group.get(i);
            scores[i] = gate.score(o);
            if (gate.compares(o)) {
                String stratum = stratified ? o.perspective() : "";
                strata.computeIfAbsent(stratum, p -> new ArrayList<>()).add(i);
            }
        }
        double[] z = NanStatistics.flat(scores);
        double squares = 0;
        int freedom = 0;
        for (List<Integer> stratum : strata.values()) {
            if (stratum.size() >= 2) {
                double[] distances = NanStatistics.centred(
                        stratum.stream().mapToDouble(i -> scores[i]).toArray());
                for (int j = 0; j < distances.length; j++) {
                    z[stratum.get(j)] = distances[j];
                }
                squares += NanStatistics.sumOfSquares(distances);
                freedom += stratum.size() - 1;
            }
        }
        double pooled = freedom == 0 ? 0 : Math.sqrt(squares / freedom);
        if (pooled < NanStatistics.NO_SPREAD) {
            return NanStatistics.flat(scores);
        }
        for (int i = 0; i < z.length; i++) {
            z[i] /= pooled + NanStatistics.EPSILON;
        }
        return z;
    }
}
