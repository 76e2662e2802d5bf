package ai.consilium.merger;

import ai.consilium.merger.gate.Marks;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.ConflictReport;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.policy.adapter.Adapter;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * From experts to one agent: merge, and choose λ on the validation cases.
 *
 * @param agent the merged agent
 * @param marks of the agent
 * @param figures of the merge
 * @param conflict between the experts
 */
record MergeSelection(Adapter agent, Marks marks, SortedMap<String, Double> figures, ConflictReport conflict) {
    /**
     * Merges experts. What they share counts once: only what each learnt beyond it is multiplied by λ.
     *
     * @param parents the experts, and what they started from
     * @param seed for a method that draws
     * @param progress hears what is next: an expert, a weight
     */
    static MergeSelection of(
            ExpertMerge.Parents parents,
            MergerConfig config,
            long seed,
            Calibration calibration,
            Validation validation,
            Consumer<String> progress)
            throws InterruptedException {
        ExpertMerge merged = calibration.show(
                parents.experts(),
                progress,
                activations ->
                        ExpertMerge.of(parents, config.rule(seed), config.factors(), config.rank(), activations));
        SortedMap<String, Double> figures = new TreeMap<>(merged.conflict().means());
        List<Double> factors = config.factors();
        double lambda = factors.get(0);
        Marks best = validation.of(merged.agent(lambda).adapter());
        for (double candidate : factors.subList(1, factors.size())) {
            Marks marks = validation.of(merged.agent(candidate).adapter());
            if (marks.mean() > best.mean()) {
                best = marks;
                lambda = candidate;
            }
        }
        figures.put("merge/lambda", lambda);
        ExpertMerge.Agent chosen = merged.agent(lambda);
        figures.put("merge/relative_error", chosen.relativeError());
        figures.put("merge/rank", (double) chosen.adapter().rank());
        return new MergeSelection(chosen.adapter(), best, figures, merged.conflict());
    }
}
