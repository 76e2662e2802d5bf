package ai.consilium.merger;

import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.policy.adapter.Adapter;
import java.util.LinkedHashMap;
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
        // Nothing is known of its rounds: the cases are those of the whole file.
        Calibration calibration = new CaseCalibration(inputs, specialties, config.calibration(), seed, 0);
        LinkedHashMap<String, Adapter> inOrder = new LinkedHashMap<>();
        specialties.forEach(
                specialty -> inOrder.put(specialty, Objects.requireNonNull(experts.get(specialty), specialty)));
        return new ExpertMerger(config, seed, round -> calibration, new ConflictFiles(inputs.runDirectory()))
                .merge(0, inOrder, shared, Validation.over(inputs, specialties), next -> {})
                .agent();
    }
}
