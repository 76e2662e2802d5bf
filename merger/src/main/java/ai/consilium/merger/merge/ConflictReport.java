package ai.consilium.merger.merge;

import static java.util.stream.Collectors.averagingDouble;
import static java.util.stream.Collectors.groupingBy;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How much experts were at odds when they were merged (docs/algorithms.md, Merging).
 *
 * @param weights layer by layer
 */
public record ConflictReport(List<Weight> weights) {
    /** Name of the figure that there is of each expert, too. */
    public static final String INTERFERENCE = "activation_interference";

    /**
     * One weight.
     *
     * @param module in PEFT's spelling, without the lora suffix
     * @param conflict of what the experts learnt
     * @param interference of each expert that takes part, ‖(ΔW(1) − ΔW_s) x_s‖ / ‖ΔW_s x_s‖; NaN where it leaves the weight as
     *     it is; empty without inputs
     */
    public record Weight(String module, Conflict conflict, List<Double> interference) {
        /** By name; what was not measured is left out. */
        public Map<String, Double> figures() {
            Map<String, Double> figures = new LinkedHashMap<>();
            figures.put("sign_conflict_rate", conflict.signConflictRate());
            figures.put("cancelled_mass", conflict.cancelledMass());
            figures.put("pairwise_cosine", conflict.meanCosine());
            figures.put("subspace_overlap", conflict.meanOverlap());
            interference.stream()
                    .mapToDouble(one -> one)
                    .filter(one -> !Double.isNaN(one))
                    .average()
                    .ifPresent(mean -> figures.put(INTERFERENCE, mean));
            return figures;
        }
    }

    /** Copies the list. */
    public ConflictReport {
        weights = List.copyOf(weights);
    }

    /** Means over the weights, by the names that the events and the update carry. */
    public SortedMap<String, Double> means() {
        return weights.stream()
                .flatMap(weight -> weight.figures().entrySet().stream())
                .collect(groupingBy(
                        figure -> "merge/" + figure.getKey(), TreeMap::new, averagingDouble(Map.Entry::getValue)));
    }
}
