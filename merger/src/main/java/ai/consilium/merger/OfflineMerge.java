package ai.consilium.merger;

import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.policy.adapter.Adapter;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The merge of a run without its log: experts that are at hand become one agent, up to consolidation and the gate. */
public final class OfflineMerge {
    private OfflineMerge() {}

    /**
     * Merges, and writes the conflict report into the inputs' directory.
     *
     * @param specialties in the order of the run
     * @param experts by specialty
     * @param shared what they started from, or null for the base
     * @param seed of the run
     */
    public static Adapter of(
            List<String> specialties,
            Map<String, Adapter> experts,
            @Nullable Adapter shared,
            MergerConfig config,
            long seed,
            MergerInputs inputs)
            throws InterruptedException {
        List<Adapter> inOrder = specialties.stream()
                .map(specialty -> Objects.requireNonNull(experts.get(specialty), specialty))
                .toList();
        double[] weights = specialties.stream().mapToDouble(config::weight).toArray();
        ExpertMerge.Parents parents = new ExpertMerge.Parents(inOrder, weights, shared);
        MergeSelection selection = MergeSelection.of(
                parents,
                config,
                seed,
                new CaseCalibration(inputs, specialties, config.calibration(), seed),
                Validation.over(inputs, specialties),
                () -> {});
        new ConflictFiles(inputs.runDirectory())
                .write(
                        selection.conflict(),
                        config.method(),
                        parents.taking().stream().map(specialties::get).toList());
        return selection.agent();
    }
}
