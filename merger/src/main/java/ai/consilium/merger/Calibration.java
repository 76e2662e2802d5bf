package ai.consilium.merger;

import ai.consilium.merger.merge.Activations;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.policy.adapter.Adapter;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Shows a merge what the experts' linear maps are given on their own cases. */
@FunctionalInterface
interface Calibration {
    /**
     * Runs a merge on a compute thread.
     *
     * @param experts in the order of the specialties
     * @param progress hears before every expert answers, and before every weight is shown: what is next
     * @param merge is given null when there is nothing to show
     */
    ExpertMerge show(
            List<Adapter> experts, Consumer<String> progress, Function<@Nullable Activations, ExpertMerge> merge)
            throws InterruptedException;
}
