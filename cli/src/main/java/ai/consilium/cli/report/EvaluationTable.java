package ai.consilium.cli.report;

import ai.consilium.cases.grading.Grading;
import ai.consilium.cli.report.EvaluationResults.Cell;
import ai.consilium.cli.report.EvaluationResults.Comparison;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an evaluation prints for people. Pure. */
public final class EvaluationTable {
    private EvaluationTable() {}

    /** Accuracies, what the completions are like, pass@k where there are several samples, differences where several rows. */
    public static String render(EvaluationResults results, String title) {
        List<String> parts = new ArrayList<>(List.of(title + "\n", accuracies(results), completions(results)));
        if (overall(results.rows().values().iterator().next()).balance() != null) {
            parts.add(balances(results));
        }
        if (results.samples() > 1) {
            parts.add(passAtK(results));
        }
        if (!results.comparisons().isEmpty()) {
            parts.add(differences(results));
        }
        if (results.adherence() != null) {
            parts.add(AdherenceTable.render(results.adherence()));
        }
        return String.join("\n", parts);
    }

    private static String accuracies(EvaluationResults results) {
        Map<String, Cell> first = results.rows().values().iterator().next();
        List<String> columns = List.copyOf(first.keySet());
        List<List<String>> lines = new ArrayList<>();
        lines.add(named("", "", columns.stream()));
        results.rows().forEach((row, cells) -> {
            for (Grading.Mode mode : results.modes()) {
                lines.add(named(
                        row,
                        mode.label(),
                        cells.values().stream()
                                .map(cell -> ResultsTable.percent(cell.by(mode).interval()))));
            }
        });
        lines.add(named("cases", "", first.values().stream().map(cell -> "n = " + cell.n())));
        return ResultsTable.table(lines).toString();
    }

    private static String completions(EvaluationResults results) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(line(
                "completions",
                results.modes().stream().map(mode -> "unparsed, " + mode.label()),
                Stream.of("truncated", "tokens")));
        results.rows().forEach((row, cells) -> {
            Cell overall = overall(cells);
            lines.add(line(
                    row,
                    results.modes().stream().map(mode -> share(overall.by(mode).unparsed())),
                    Stream.of(share(overall.truncated()), String.format(Locale.ROOT, "%.1f", overall.tokens()))));
        });
        return ResultsTable.table(lines).toString();
    }

    /** The same answers in all cases: whether a policy tells them apart, or gives the most frequent one. */
    private static String balances(EvaluationResults results) {
        List<List<String>> lines = new ArrayList<>();
        results.rows().forEach((row, cells) -> {
            AnswerBalance balance = Objects.requireNonNull(overall(cells).balance());
            List<String> answers = List.copyOf(balance.right().keySet());
            if (lines.isEmpty()) {
                lines.add(line("answers", Stream.of("balanced accuracy"), answers.stream()));
                lines.add(line("right answers", Stream.of(""), shares(answers, balance.right())));
            }
            lines.add(line(
                    row + ", answered right",
                    Stream.of(ResultsTable.percent(balance.interval())),
                    shares(answers, balance.recall())));
            lines.add(line(row + ", given", Stream.of(""), shares(answers, balance.given())));
        });
        return ResultsTable.table(lines).toString();
    }

    private static Stream<String> shares(List<String> answers, Map<String, Double> of) {
        return answers.stream().map(answer -> share(of.getOrDefault(answer, 0.)));
    }

    private static String passAtK(EvaluationResults results) {
        Map<String, Cell> first = results.rows().values().iterator().next();
        List<List<String>> lines = new ArrayList<>();
        lines.add(named(
                "pass@k, overall",
                "",
                overall(first).strict().passAtK().keySet().stream().map(k -> "k = " + k)));
        results.rows().forEach((row, cells) -> {
            for (Grading.Mode mode : results.modes()) {
                lines.add(named(
                        row,
                        mode.label(),
                        overall(cells).by(mode).passAtK().values().stream().map(ResultsTable::percent)));
            }
        });
        return ResultsTable.table(lines).toString();
    }

    private static Cell overall(Map<String, Cell> cells) {
        return Objects.requireNonNull(cells.get(Results.OVERALL));
    }

    private static List<String> named(String row, String extraction, Stream<String> cells) {
        return Stream.concat(Stream.of(row, extraction), cells).toList();
    }

    private static List<String> line(String name, Stream<String> cells, Stream<String> more) {
        return Stream.concat(Stream.of(name), Stream.concat(cells, more)).toList();
    }

    private static String share(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String differences(EvaluationResults results) {
        return results.comparisons().stream()
                .filter(comparison -> comparison.column().equals(Results.OVERALL))
                .map(EvaluationTable::difference)
                .collect(Collectors.joining());
    }

    private static String difference(Comparison c) {
        return String.format(
                Locale.ROOT,
                "%s against %s, overall, %s%s: %+.1f points [%+.1f, %+.1f] (paired bootstrap over cases)%n",
                c.row(),
                c.against(),
                c.balanced() ? "balanced accuracy, " : "",
                c.extraction(),
                100 * c.difference(),
                100 * c.low(),
                100 * c.high());
    }
}
