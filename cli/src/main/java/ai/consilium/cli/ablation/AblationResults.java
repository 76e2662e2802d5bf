package ai.consilium.cli.ablation;

import ai.consilium.cli.report.Adherence;
import ai.consilium.cli.report.Results;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * An ablation summed up. Pure.
 *
 * @param against the first row, with which the others are compared
 * @param rows with at least one finished seed
 * @param adherence of the rows' right answers to guidelines; null where none were given
 */
public record AblationResults(
        String against,
        List<Row> rows,

        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Adherence adherence) {
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    /** Of the many single accuracies, whose ends are printed to a tenth of a point. */
    private static final PairedBootstrap QUICK_BOOTSTRAP = new PairedBootstrap(2_000, 1L);

    /**
     * A row.
     *
     * @param measured experts, each on its own specialty, or agent
     * @param set what it sets
     * @param seeds that are finished
     * @param accuracy by specialty and overall: mean over seeds and cases, with an interval over both
     * @param sampledTokens in training, mean over seeds; null where nothing was sampled, as in a merge
     * @param difference to the first row, overall, over the seeds that both have; null for the first
     */
    public record Row(
            String row,
            String measured,
            List<String> set,
            SortedSet<Long> seeds,
            Map<String, Cell> accuracy,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long sampledTokens,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Interval difference) {}

    /**
     * A row in a specialty.
     *
     * @param n answers of all seeds
     * @param correct right ones
     * @param interval of the accuracy, 0 to 1
     */
    public record Cell(int n, int correct, Interval interval) {
        /** Accuracy is the difference to answers that are all wrong: it is resampled as differences are. */
        static Cell of(List<List<Verdict>> bySeed) {
            List<List<Verdict>> wrong = bySeed.stream()
                    .map(seed -> seed.stream()
                            .map(verdict -> new Verdict(verdict.id(), false))
                            .toList())
                    .toList();
            List<Verdict> all = bySeed.stream().flatMap(List::stream).toList();
            int correct = (int) all.stream().filter(Verdict::correct).count();
            return new Cell(all.size(), correct, QUICK_BOOTSTRAP.compare(bySeed, wrong));
        }
    }

    static AblationResults of(List<AblationRow> rows, AblationVerdicts verdicts, @Nullable Adherence adherence) {
        String against = rows.get(0).name();
        SortedMap<Long, Map<String, List<Verdict>>> first = of(verdicts, against);
        List<Row> summed = rows.stream()
                .filter(row -> !of(verdicts, row.name()).isEmpty())
                .map(row ->
                        row(row, of(verdicts, row.name()), first, !row.name().equals(against), verdicts))
                .toList();
        return new AblationResults(against, summed, adherence);
    }

    private static SortedMap<Long, Map<String, List<Verdict>>> of(AblationVerdicts verdicts, String row) {
        return Objects.requireNonNull(verdicts.verdicts().get(row), row);
    }

    private static Row row(
            AblationRow row,
            SortedMap<Long, Map<String, List<Verdict>>> own,
            SortedMap<Long, Map<String, List<Verdict>>> first,
            boolean compared,
            AblationVerdicts all) {
        Map<String, Cell> accuracy = new LinkedHashMap<>();
        for (String specialty : all.specialties()) {
            List<List<Verdict>> bySeed = own.values().stream()
                    .map(seed -> seed.getOrDefault(specialty, List.of()))
                    .toList();
            if (bySeed.stream().noneMatch(List::isEmpty)) {
                accuracy.put(specialty, Cell.of(bySeed));
            }
        }
        accuracy.put(
                Results.OVERALL,
                Cell.of(own.values().stream().map(AblationResults::joined).toList()));
        return new Row(
                row.name(),
                row.kind().measured(),
                row.set(),
                new TreeSet<>(own.keySet()),
                accuracy,
                all.sampledTokens(row.name()),
                compared ? difference(own, first) : null);
    }

    private static @Nullable Interval difference(
            SortedMap<Long, Map<String, List<Verdict>>> own, SortedMap<Long, Map<String, List<Verdict>>> first) {
        SortedSet<Long> both = new TreeSet<>(own.keySet());
        both.retainAll(first.keySet());
        return both.isEmpty() ? null : BOOTSTRAP.compare(joined(own, both), joined(first, both));
    }

    private static List<List<Verdict>> joined(SortedMap<Long, Map<String, List<Verdict>>> row, SortedSet<Long> seeds) {
        return seeds.stream()
                .map(seed -> joined(Objects.requireNonNull(row.get(seed))))
                .toList();
    }

    private static List<Verdict> joined(Map<String, List<Verdict>> bySpecialty) {
        return bySpecialty.values().stream().flatMap(List::stream).toList();
    }
}
