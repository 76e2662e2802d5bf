package ai.consilium.merger.gate;

import ai.consilium.evaluation.Evaluator.Verdict;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Marks of agents that nobody examined. */
public final class MarksOf {
    /** A thousand cases a specialty, of which the first so many are answered right. */
    public static Marks accuracy(Map<String, Double> bySpecialty) {
        return new Marks(bySpecialty.entrySet().stream()
                .collect(Collectors.toMap(Map.Entry::getKey, entry -> verdicts(1000, entry.getValue()))));
    }

    static List<Verdict> verdicts(int cases, double accuracy) {
        return IntStream.range(0, cases)
                .mapToObj(i -> new Verdict("case-" + i, i < Math.round(cases * accuracy)))
                .toList();
    }

    private MarksOf() {}
}
