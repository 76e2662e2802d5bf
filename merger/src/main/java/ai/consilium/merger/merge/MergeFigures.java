package ai.consilium.merger.merge;

import java.util.SortedMap;
import java.util.TreeMap;

/** What the weights of a merge went through, as means over them. */
final class MergeFigures {
    private final SortedMap<String, Double> sums = new TreeMap<>();
    private int weights;

    void add(MergedWeight weight) {
        weights++;
        add("merge/sign_conflict_rate", weight.conflict().signConflictRate());
        add("merge/cancelled_mass", weight.conflict().cancelledMass());
        add("merge/pairwise_cosine", weight.conflict().meanCosine());
        if (!Double.isNaN(weight.interference())) {
            add("merge/activation_interference", weight.interference());
        }
    }

    private void add(String name, double value) {
        sums.merge(name, value, Double::sum);
    }

    SortedMap<String, Double> means() {
        SortedMap<String, Double> means = new TreeMap<>();
        sums.forEach((name, sum) -> means.put(name, sum / weights));
        return means;
    }
}
