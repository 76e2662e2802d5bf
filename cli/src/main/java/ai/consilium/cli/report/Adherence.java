package ai.consilium.cli.report;

import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How well right answers keep to guidelines: the mean score of right answers by rubrics, of policies that were asked under
 * the guidelines' perspectives. Wrong answers do not count: accuracy is told by itself. Pure.
 *
 * @param guidelines names of the rubrics
 * @param policies by name
 */
public record Adherence(List<String> guidelines, Map<String, Policy> policies) {
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(2_000, 1L);

    /**
     * A policy.
     *
     * @param cells by perspective, and {@code overall}, where the perspectives of a case count as one
     * @param difference to the first policy, overall, over the cases and perspectives that both answered right; null for the
     *     first, and where there is no such case
     */
    public record Policy(
            Map<String, Cell> cells,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Interval difference) {}

    /**
     * A policy under a perspective.
     *
     * @param cases with a right answer that was scored, over all seeds
     * @param score mean, 0 to 1, with an interval over seeds and cases; null without such a case
     */
    public record Cell(
            int cases,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Interval score) {}

    /**
     * What one policy's right answers scored.
     *
     * @param byPerspective by perspective, then case: mean over its right answers; a case without one is absent
     */
    public record Scores(Map<String, SortedMap<String, Double>> byPerspective) {
        /** By case: mean over its perspectives. */
        private SortedMap<String, Double> overall() {
            SortedMap<String, List<Double>> all = new TreeMap<>();
            byPerspective
                    .values()
                    .forEach(scores -> scores.forEach((id, score) ->
                            all.computeIfAbsent(id, none -> new ArrayList<>()).add(score)));
            return means(all);
        }

        /** By case: mean over the perspectives under which both answered right. */
        private SortedMap<String, Double> minus(Scores other) {
            SortedMap<String, List<Double>> all = new TreeMap<>();
            byPerspective.forEach((perspective, scores) -> {
                SortedMap<String, Double> others = other.byPerspective().getOrDefault(perspective, new TreeMap<>());
                scores.forEach((id, score) -> {
                    Double theirs = others.get(id);
                    if (theirs != null) {
                        all.computeIfAbsent(id, none -> new ArrayList<>()).add(score - theirs);
                    }
                });
            });
            return means(all);
        }

        private static SortedMap<String, Double> means(SortedMap<String, List<Double>> all) {
            SortedMap<String, Double> means = new TreeMap<>();
            all.forEach((id, scores) -> means.put(
                    id,
                    scores.stream().mapToDouble(Double::doubleValue).average().orElseThrow()));
            return means;
        }
    }

    /**
     * Sums up.
     *
     * @param policies by name, then seed of training; the first is what the others are compared with
     */
    public static Adherence of(List<String> guidelines, Map<String, SortedMap<Long, Scores>> policies) {
        Map<String, Policy> summed = new LinkedHashMap<>();
        String against = policies.keySet().iterator().next();
        SortedMap<Long, Scores> first = Objects.requireNonNull(policies.get(against));
        policies.forEach((name, bySeed) -> {
            Map<String, Cell> cells = new LinkedHashMap<>();
            bySeed.values().stream()
                    .flatMap(scores -> scores.byPerspective().keySet().stream())
                    .distinct()
                    .forEach(perspective -> cells.put(
                            perspective,
                            cell(bySeed.values().stream()
                                    .map(scores -> scores.byPerspective().getOrDefault(perspective, new TreeMap<>()))
                                    .toList())));
            cells.put(
                    Results.OVERALL,
                    cell(bySeed.values().stream().map(Scores::overall).toList()));
            summed.put(name, new Policy(cells, name.equals(against) ? null : difference(bySeed, first)));
        });
        return new Adherence(guidelines, summed);
    }

    private static @Nullable Interval difference(SortedMap<Long, Scores> own, SortedMap<Long, Scores> first) {
        return cell(own.entrySet().stream()
                        .filter(seed -> first.containsKey(seed.getKey()))
                        .map(seed -> seed.getValue().minus(Objects.requireNonNull(first.get(seed.getKey()))))
                        .toList())
                .score();
    }

    /** @param bySeed by case */
    private static Cell cell(List<SortedMap<String, Double>> bySeed) {
        List<double[]> figures = bySeed.stream()
                .filter(scores -> !scores.isEmpty())
                .map(scores -> scores.values().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .toList();
        int cases = figures.stream().mapToInt(seed -> seed.length).sum();
        return new Cell(cases, cases == 0 ? null : BOOTSTRAP.mean(figures));
    }
}
