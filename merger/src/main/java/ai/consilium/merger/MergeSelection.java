package ai.consilium.merger;

import ai.consilium.merger.gate.Gate;
import ai.consilium.merger.gate.Gate.Accuracy;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.AdapterSum;
import ai.consilium.merger.merge.TaskVectorMerge;
import ai.consilium.merger.merge.TaskVectorMerge.Merged;
import ai.consilium.policy.adapter.Adapter;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.DoubleFunction;
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
     * Merges experts. What they share is taken off first, so that only what each learnt by itself is merged, and put back
     * unscaled.
     *
     * @param weights one per expert
     * @param shared what all experts started from, or null for the base
     * @param previous the agent that stands, or null
     */
    static MergeSelection of(
            List<Adapter> experts,
            double[] weights,
            @Nullable Adapter shared,
            MergerConfig config,
            Validation validation,
            @Nullable Adapter previous)
            throws InterruptedException {
        List<Adapter> learnt = shared == null
                ? experts
                : experts.stream()
                        .map(expert -> AdapterSum.of(expert, shared, -1))
                        .toList();
        int rank = config.rank() - (shared == null ? 0 : shared.rank());
        Merged merged = TaskVectorMerge.merge(learnt, weights, config.rule(), rank);
        DoubleFunction<Adapter> agent =
                lambda -> shared == null ? merged.scaled(lambda) : AdapterSum.of(merged.scaled(lambda), shared, 1);
        SortedMap<String, Double> figures = new TreeMap<>(merged.figures());
        double lambda = config.lambda().get(0);
        Accuracy best = validation.of(agent.apply(lambda));
        for (double candidate : config.lambda().subList(1, config.lambda().size())) {
            Accuracy accuracy = validation.of(agent.apply(candidate));
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
        return new MergeSelection(agent.apply(lambda), admitted, figures);
    }

    private static void describe(String name, Accuracy accuracy, Map<String, Double> figures) {
        figures.put(name + "/mean", accuracy.mean());
        accuracy.bySpecialty().forEach((specialty, value) -> figures.put(name + "/" + specialty, value));
    }
}
