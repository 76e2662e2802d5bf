package ai.consilium.learner;

import ai.consilium.learner.GroupJudge.Verdict.Usable;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Shares of a batch's groups of which a component said nothing: its term is 0, or unobserved, in every member. TRL counts the
 * sum only, as {@code frac_reward_zero_std}. Groups without any signal never come this far: the advantage stream counts
 * those.
 */
final class FlatComponents {
    private static final Map<String, String> TERMS = Map.of("accuracy", "z_a", "format", "z_f", "guideline", "z_g");

    /** {@code frac_reward_zero_std/accuracy}, {@code .../format} and {@code .../guideline}. */
    static SortedMap<String, Double> figures(List<Usable> batch) {
        SortedMap<String, Double> figures = new TreeMap<>();
        TERMS.forEach((component, term) -> figures.put(
                "frac_reward_zero_std/" + component,
                (double) batch.stream().filter(usable -> flat(usable, term)).count() / batch.size()));
        return figures;
    }

    private static boolean flat(Usable usable, String term) {
        return usable.record().getMembers().stream()
                .allMatch(member -> member.getParts().getOrDefault(term, 0.0) == 0);
    }

    private FlatComponents() {}
}
