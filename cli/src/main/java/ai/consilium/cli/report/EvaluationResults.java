package ai.consilium.cli.report;

import ai.consilium.cases.grading.Grading;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import ai.consilium.evaluation.PassAtK;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * What {@code consilium eval} found: rows are policies, columns specialties and {@code overall}. Pure.
 *
 * @param settings what the figures depend on
 * @param answer the way of extraction whose figures are the headline
 * @param simulated whether the clinic made the cases
 * @param samples of each case
 * @param rows by policy, then column
 * @param comparisons of each row with the first, paired by case
 * @param adherence of right answers to guidelines; null where none were given
 */
public record EvaluationResults(
        Map<String, String> settings,
        String answer,
        boolean simulated,
        int samples,
        Map<String, Map<String, Cell>> rows,
        List<Comparison> comparisons,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Adherence adherence) {
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    /**
     * A policy on the cases of a column.
     *
     * @param n cases
     * @param strict by strict extraction
     * @param lenient by lenient extraction
     * @param compat by compat extraction
     * @param truncated share of completions that were cut at the limit
     * @param tokens of a completion, in the mean
     * @param balance by the headline's way of extraction; null where the cases do not all offer the same answers
     */
    public record Cell(
            int n,
            Extraction strict,
            Extraction lenient,
            Extraction compat,
            double truncated,
            double tokens,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            AnswerBalance balance) {
        static Cell of(List<CaseTally> tallies, Grading.Mode headline) {
            double completions = tallies.stream().mapToInt(CaseTally::samples).sum();
            return new Cell(
                    tallies.size(),
                    Extraction.of(tallies, Grading.Mode.STRICT),
                    Extraction.of(tallies, Grading.Mode.LENIENT),
                    Extraction.of(tallies, Grading.Mode.COMPAT),
                    tallies.stream().mapToInt(CaseTally::truncated).sum() / completions,
                    tallies.stream().mapToLong(CaseTally::tokens).sum() / completions,
                    AnswerBalance.of(tallies, headline).orElse(null));
        }

        Extraction by(Grading.Mode mode) {
            return switch (mode) {
                case STRICT -> strict;
                case LENIENT -> lenient;
                case COMPAT -> compat;
            };
        }
    }

    /**
     * By one way of extraction. Intervals take the cases as independent, never the samples of one case.
     *
     * @param accuracy mean over the samples
     * @param low lower end of its 95 % interval
     * @param high upper end
     * @param unparsed share of completions without an answer
     * @param passAtK by k; empty for a single sample
     */
    public record Extraction(
            double accuracy,
            double low,
            double high,
            double unparsed,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) Map<Integer, Interval> passAtK) {
        static Extraction of(List<CaseTally> tallies, Grading.Mode mode) {
            Interval accuracy = mean(tallies, tally -> tally.accuracy(mode));
            int samples = tallies.get(0).samples();
            Map<Integer, Interval> passAtK = new LinkedHashMap<>();
            if (samples > 1) {
                for (int k : PassAtK.ks(samples)) {
                    passAtK.put(
                            k,
                            mean(
                                    tallies,
                                    tally -> PassAtK.of(
                                            samples, tally.count(mode).correct(), k)));
                }
            }
            double unparsed = mean(tallies, tally -> (double) tally.count(mode).unparsed() / samples)
                    .estimate();
            return new Extraction(accuracy.estimate(), accuracy.low(), accuracy.high(), unparsed, passAtK);
        }

        private static Interval mean(List<CaseTally> tallies, ToDoubleFunction<CaseTally> figure) {
            double mean = tallies.stream().mapToDouble(figure).average().orElseThrow();
            return Interval.wilsonOfMean(mean, tallies.size());
        }

        Interval interval() {
            return new Interval(accuracy, low, high);
        }
    }

    /**
     * Difference of two rows, paired by case.
     *
     * @param measure accuracy, or balanced_accuracy where all cases offer the same answers
     */
    public record Comparison(
            String row,
            String against,
            String column,
            String measure,
            String extraction,
            double difference,
            double low,
            double high) {
        private static final String ACCURACY = "accuracy";
        private static final String BALANCED = "balanced_accuracy";

        boolean balanced() {
            return measure.equals(BALANCED);
        }

        private static Comparison of(
                String row, String against, String column, String measure, Grading.Mode mode, Interval difference) {
            return new Comparison(
                    row,
                    against,
                    column,
                    measure,
                    mode.label(),
                    difference.estimate(),
                    difference.low(),
                    difference.high());
        }
    }

    /**
     * Sums up.
     *
     * @param answer whose figures are the headline
     * @param tallies by row, then specialty: one a case, in the same order in every row
     * @param adherence null where no guidelines were given
     */
    public static EvaluationResults of(
            Map<String, String> settings,
            Grading.Mode answer,
            boolean simulated,
            Map<String, Map<String, List<CaseTally>>> tallies,
            @Nullable Adherence adherence) {
        Map<String, Map<String, List<CaseTally>>> columns = new LinkedHashMap<>();
        tallies.forEach((row, bySpecialty) -> columns.put(row, withOverall(bySpecialty)));
        Map<String, Map<String, Cell>> rows = new LinkedHashMap<>();
        columns.forEach((row, byColumn) -> {
            Map<String, Cell> cells = new LinkedHashMap<>();
            byColumn.forEach((column, own) -> cells.put(column, Cell.of(own, answer)));
            rows.put(row, cells);
        });
        int samples = columns.values().stream()
                .flatMap(byColumn -> byColumn.values().stream())
                .flatMap(List::stream)
                .findFirst()
                .orElseThrow()
                .samples();
        return new EvaluationResults(
                settings, answer.label(), simulated, samples, rows, comparisons(columns, answer), adherence);
    }

    private static Map<String, List<CaseTally>> withOverall(Map<String, List<CaseTally>> bySpecialty) {
        Map<String, List<CaseTally>> columns = new LinkedHashMap<>(bySpecialty);
        List<CaseTally> overall =
                bySpecialty.values().stream().flatMap(List::stream).toList();
        columns.put(Results.OVERALL, overall);
        return columns;
    }

    private static List<Comparison> comparisons(
            Map<String, Map<String, List<CaseTally>>> columns, Grading.Mode headline) {
        List<Comparison> comparisons = new ArrayList<>();
        List<String> rows = List.copyOf(columns.keySet());
        String against = rows.get(0);
        Map<String, List<CaseTally>> first = Objects.requireNonNull(columns.get(against));
        for (String row : rows.subList(1, rows.size())) {
            Map<String, List<CaseTally>> own = Objects.requireNonNull(columns.get(row));
            for (Grading.Mode mode : modes(headline.label())) {
                own.forEach((column, tallies) -> comparisons.add(Comparison.of(
                        row,
                        against,
                        column,
                        Comparison.ACCURACY,
                        mode,
                        BOOTSTRAP.compareMeans(
                                accuracies(tallies, mode),
                                accuracies(Objects.requireNonNull(first.get(column)), mode)))));
            }
            own.forEach((column, tallies) -> AnswerBalance.difference(
                            tallies, Objects.requireNonNull(first.get(column)), headline)
                    .ifPresent(d ->
                            comparisons.add(Comparison.of(row, against, column, Comparison.BALANCED, headline, d))));
        }
        return comparisons;
    }

    private static double[] accuracies(List<CaseTally> tallies, Grading.Mode mode) {
        return tallies.stream().mapToDouble(tally -> tally.accuracy(mode)).toArray();
    }

    /** The ways of extraction, that of the headline first. */
    List<Grading.Mode> modes() {
        return modes(answer);
    }

    private static List<Grading.Mode> modes(String headline) {
        return Arrays.stream(Grading.Mode.values())
                .sorted(Comparator.comparing(mode -> !mode.label().equals(headline)))
                .toList();
    }
}
