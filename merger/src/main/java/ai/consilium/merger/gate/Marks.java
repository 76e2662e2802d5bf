package ai.consilium.merger.gate;

import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * How an agent did on the validation cases.
 *
 * @param verdicts by specialty, in the order of the cases; a specialty without cases is absent
 */
public record Marks(Map<String, List<Verdict>> verdicts) {
    /** The same agents give the same intervals. */
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(2000, 1);

    /** In name order: a sum of doubles depends on its order. */
    public Marks {
        verdicts = Collections.unmodifiableSortedMap(new TreeMap<>(verdicts));
    }

    /** Specialties that there are cases of, in name order. */
    public Set<String> specialties() {
        return verdicts.keySet();
    }

    /** Share of a specialty's cases that were answered right, 0..1. */
    public double accuracy(String specialty) {
        return of(specialty).stream()
                .mapToInt(verdict -> verdict.correct() ? 1 : 0)
                .average()
                .orElse(0);
    }

    /** Mean over the specialties, so that a large specialty does not decide alone; 0 where there are none. */
    public double mean() {
        return specialties().stream().mapToDouble(this::accuracy).average().orElse(0);
    }

    /** Accuracy in a specialty less another's, with a 95 % interval over the cases, which both answered. */
    public Interval ahead(Marks other, String specialty) {
        return BOOTSTRAP.compareOne(of(specialty), other.of(specialty));
    }

    private List<Verdict> of(String specialty) {
        return verdicts.getOrDefault(specialty, List.of());
    }
}
