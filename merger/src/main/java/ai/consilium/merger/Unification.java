package ai.consilium.merger;

import ai.consilium.merger.Gate.Accuracy;
import ai.consilium.merger.Merging.Merged;
import ai.consilium.policy.Adapter;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * From experts to a judged agent: merge, choose λ on the validation cases, compare with the agent that stands.
 *
 * @param agent the merged agent
 * @param admitted whether the gate lets it through
 * @param figures of the merge and the comparison
 */
record Unification(Adapter agent, boolean admitted, SortedMap<String, Double> figures) {
    /**
     * Merges experts.
     *
     * @param weights one per expert
     * @param previous the agent that stands, or null
     */
    static Unification of(
            List<Adapter> experts,
            double[] weights,
            MergerConfig config,
            Validation validation,
            @Nullable Adapter previous)
            throws InterruptedException {
        Merged merged = Merging.merge(experts, weights, config.rule(), config.rank());
        SortedMap<String, Double> figures = new TreeMap<>(merged.figures());
        double lambda = config.lambda().get(0);
        Accuracy best = validation.of(merged.scaled(lambda));
        for (double candidate : config.lambda().subList(1, config.lambda().size())) {
            Accuracy accuracy = validation.of(merged.scaled(candidate));
            if (accuracy.mean() > best.mean()) {
                best = accuracy;
                lambda = candidate;
            }
        }
        figures.put("merge/lambda", lambda);
        describe("val/accuracy", best, figures);
        boolean admitted = true;
        if (previous != null) {
            Accuracy standing = validation.of(previous);
            describe("val/previous_accuracy", standing, figures);
            admitted = Gate.admits(best, standing, config.tolerance());
        }
        return new Unification(merged.scaled(lambda), admitted, figures);
    }

    private static void describe(String name, Accuracy accuracy, Map<String, Double> figures) {
        figures.put(name + "/mean", accuracy.mean());
        accuracy.bySpecialty().forEach((specialty, value) -> figures.put(name + "/" + specialty, value));
    }
}
