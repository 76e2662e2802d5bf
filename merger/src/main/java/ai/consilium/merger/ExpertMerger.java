package ai.consilium.merger;

import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.policy.adapter.Adapter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Merges the experts of a run, and leaves a report of how much they are at odds.
 *
 * @param seed of the run
 * @param calibration of a round, from 0
 * @param conflictFiles where the report goes
 */
record ExpertMerger(MergerConfig config, long seed, IntFunction<Calibration> calibration, ConflictFiles conflictFiles) {
    /**
     * Merges.
     *
     * @param round that the experts are of, from 0
     * @param experts by specialty, in the order of the run
     * @param shared what they started from, or null for the base
     * @param validation chooses λ
     * @param progress hears what is next: an expert, a weight
     */
    MergeSelection merge(
            int round,
            LinkedHashMap<String, Adapter> experts,
            @Nullable Adapter shared,
            Validation validation,
            Consumer<String> progress)
            throws InterruptedException {
        List<String> specialties = List.copyOf(experts.keySet());
        List<Adapter> inOrder = List.copyOf(experts.values());
        double[] weights = specialties.stream().mapToDouble(config::weight).toArray();
        ExpertMerge.Parents parents = new ExpertMerge.Parents(inOrder, weights, shared);
        MergeSelection selection =
                MergeSelection.of(parents, config, seed, calibration.apply(round), validation, progress);
        conflictFiles.write(
                selection.conflict(),
                config.method(),
                parents.taking().stream().map(specialties::get).toList());
        return selection;
    }
}
