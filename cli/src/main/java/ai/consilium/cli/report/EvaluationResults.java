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
     */
    public record Cell(
            int n, Extraction strict, Extraction lenient, Extraction compat, double truncated, double tokens) {
        static Cell of(List<CaseTally> tallies) {
            double completions = tallies.stream().mapToInt(CaseTally::samples).sum();
            return new Cell(
                    tallies.size(),
                    Extraction.of(tallies, Grading.Mode.STRICT),
                    Extraction.of(tallies, Grading.Mode.LENIENT),
                    Extraction.of(tallies, Grading.Mode.COMPAT),
                    tallies.stream().mapToInt(CaseTally::truncated).sum() / completions,
                    tallies.stream().mapToLong(CaseTally::tokens).sum() / completions);
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

    /** Difference in accuracy of two rows, paired by case. */
    public record Comparison(
            String row, String against, String column, String extraction, double difference, double low, double high) {}

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
            byColumn.forEach((column, own) -> cells.put(column, Cell.of(own)));
            rows.put(row, cells);
        });
        int samples = columns.values().stream()
                .flatMap(byColumn -> byColumn.values().stream())
                .flatMap(List::stream)
                .findFirst()
                .orElseThrow()
                .samples();
        return new EvaluationResults(
                settings,
                answer.label(),
                simulated,
                samples,
                rows,
                comparisons(columns, modes(answer.label())),
                adherence);
    }

    private static Map<String, List<CaseTally>> withOverall(Map<String, List<CaseTally>> bySpecialty) {
        Map<String, List<CaseTally>> columns = new LinkedHashMap<>(bySpecialty);
        List<CaseTally> overall =
                bySpecialty.values().stream().flatMap(List::stream).toList();
        columns.put(Results.OVERALL, overall);
        return columns;
    }

    private static List<Comparison> comparisons(
            Map<String, Map<String, List<CaseTally>>> columns, List<Grading.Mode> modes) {
        List<Comparison> comparisons = new ArrayList<>();
        List<String> rows = List.copyOf(columns.keySet());
        Map<String, List<CaseTally>> first = Objects.requireNonNull(columns.get(rows.get(0)));
        for (String row : rows.subList(1, rows.size())) {
            Map<String, List<CaseTally>> own = Objects.requireNonNull(columns.get(row));
            for (Grading.Mode mode : modes) {
                own.forEach((column, tallies) -> {
                    Interval d = BOOTSTRAP.compareMeans(
                            accuracies(tallies, mode), accuracies(Objects.requireNonNull(first.get(column)), mode));
                    comparisons.add(
                            new Comparison(row, rows.get(0), column, mode.label(), d.estimate(), d.low(), d.high()));
                });
            }
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
