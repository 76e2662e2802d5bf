package ai.consilium.cli.report;

import ai.consilium.cases.grading.Grading;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * What accuracy hides where all cases offer the same answers, such as yes, no and maybe: whoever always gives the most frequent
 * one is often right and has learnt nothing.
 *
 * @param accuracy balanced accuracy: the mean of {@code recall}
 * @param low lower end of its 95 % interval, over the cases of each right answer
 * @param high upper end
 * @param recall by right answer, the share of its cases that is answered right
 * @param given by answer, the share of all completions that give it
 * @param right by answer, the share of the cases whose right answer it is
 */
public record AnswerBalance(
        double accuracy,
        double low,
        double high,
        Map<String, Double> recall,
        Map<String, Double> given,
        Map<String, Double> right) {
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    /** Empty where cases offer different answers: what one is taken for in one case means nothing in another. */
    static Optional<AnswerBalance> of(List<CaseTally> tallies, Grading.Mode mode) {
        if (!comparable(tallies)) {
            return Optional.empty();
        }
        SortedMap<String, double[]> strata =
                byRightAnswer(tallies, i -> tallies.get(i).accuracy(mode));
        Map<String, Double> recall = new TreeMap<>();
        Map<String, Double> right = new TreeMap<>();
        strata.forEach((answer, shares) -> {
            recall.put(answer, Arrays.stream(shares).average().orElseThrow());
            right.put(answer, (double) shares.length / tallies.size());
        });
        double completions = tallies.stream().mapToInt(CaseTally::samples).sum();
        Map<String, Double> given = new TreeMap<>();
        for (CaseTally tally : tallies) {
            tally.count(mode)
                    .given()
                    .forEach((answer, samples) -> given.merge(answer, samples / completions, Double::sum));
        }
        Interval balanced = BOOTSTRAP.meanOfMeans(List.copyOf(strata.values()));
        return Optional.of(
                new AnswerBalance(balanced.estimate(), balanced.low(), balanced.high(), recall, given, right));
    }

    /** Difference of two rows in balanced accuracy, paired by case. */
    static Optional<Interval> difference(List<CaseTally> row, List<CaseTally> against, Grading.Mode mode) {
        if (!comparable(row)) {
            return Optional.empty();
        }
        SortedMap<String, double[]> strata = byRightAnswer(
                row, i -> row.get(i).accuracy(mode) - against.get(i).accuracy(mode));
        return Optional.of(BOOTSTRAP.meanOfMeans(List.copyOf(strata.values())));
    }

    Interval interval() {
        return new Interval(accuracy, low, high);
    }

    private static boolean comparable(List<CaseTally> tallies) {
        return tallies.stream().map(CaseTally::offered).distinct().count() == 1;
    }

    /** The i-th case's figure, with those of the same right answer. */
    private static SortedMap<String, double[]> byRightAnswer(List<CaseTally> tallies, IntToDoubleFunction figure) {
        SortedMap<String, List<Double>> lists = new TreeMap<>();
        for (int i = 0; i < tallies.size(); i++) {
            lists.computeIfAbsent(tallies.get(i).right(), answer -> new ArrayList<>())
                    .add(figure.applyAsDouble(i));
        }
        SortedMap<String, double[]> strata = new TreeMap<>();
        lists.forEach((answer, figures) -> strata.put(
                answer, figures.stream().mapToDouble(Double::doubleValue).toArray()));
        return strata;
    }
}
