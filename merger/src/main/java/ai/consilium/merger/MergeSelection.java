package ai.consilium.merger;

import ai.consilium.merger.gate.Gate;
import ai.consilium.merger.gate.Gate.Accuracy;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.policy.adapter.Adapter;
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
record MergeSelection(Adapter agent, boolean admitted, SortedMap<String, Double> figures) {
    /**
     * Merges experts. What they share counts once: only what each learnt beyond it is multiplied by λ.
     *
     * @param parents the experts, and what they started from
     * @param seed for a method that draws
     * @param previous the agent that stands, or null
     */
    static MergeSelection of(
            ExpertMerge.Parents parents,
            MergerConfig config,
            long seed,
            Calibration calibration,
            Validation validation,
            @Nullable Adapter previous)
            throws InterruptedException {
        ExpertMerge merged = calibration.show(
                parents.experts(),
                activations ->
                        ExpertMerge.of(parents, config.rule(seed), config.factors(), config.rank(), activations));
        SortedMap<String, Double> figures = new TreeMap<>(merged.figures());
        List<Double> factors = config.factors();
        double lambda = factors.get(0);
        Accuracy best = validation.of(merged.agent(lambda).adapter());
        for (double candidate : factors.subList(1, factors.size())) {
            Accuracy accuracy = validation.of(merged.agent(candidate).adapter());
            if (accuracy.mean() > best.mean()) {
                best = accuracy;
                lambda = candidate;
            }
        }
        figures.put("merge/lambda", lambda);
        ExpertMerge.Agent chosen = merged.agent(lambda);
        figures.put("merge/relative_error", chosen.relativeError());
        figures.put("merge/rank", (double) chosen.adapter().rank());
        describe("val/accuracy", best, figures);
        boolean admitted = true;
        if (previous != null) {
            Accuracy standing = validation.of(previous);
            describe("val/previous_accuracy", standing, figures);
            admitted = Gate.admits(best, standing, config.tolerance());
        }
        return new MergeSelection(chosen.adapter(), admitted, figures);
    }

    private static void describe(String name, Accuracy accuracy, Map<String, Double> figures) {
        figures.put(name + "/mean", accuracy.mean());
        accuracy.bySpecialty().forEach((specialty, value) -> figures.put(name + "/" + specialty, value));
    }
}
