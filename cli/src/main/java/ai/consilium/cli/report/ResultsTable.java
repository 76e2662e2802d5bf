package ai.consilium.cli.report;

import ai.consilium.evaluation.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Column;
import picocli.CommandLine.Help.TextTable;

/** The table that a run ends with, as text. Pure. */
public final class ResultsTable {
    private static final int GAP = 2;

    private ResultsTable() {}

    /** Rows are policies, columns specialties and overall; each cell is accuracy and 95 % interval in percent. */
    public static String render(Results results, String title) {
        List<String> columns = new ArrayList<>(results.columns());
        columns.add(Results.OVERALL);
        List<List<String>> lines = new ArrayList<>();
        lines.add(line("", columns, column -> column));
        results.rows().forEach(row -> lines.add(line(row, columns, column -> cell(results.cell(row, column)))));
        String first = results.rows().get(0);
        lines.add(line(
                "cases", columns, column -> "n = " + results.cell(first, column).n()));
        StringBuilder out =
                new StringBuilder(title).append("\n\n").append(table(lines)).append('\n');
        for (Results.Comparison c : results.comparisons()) {
            if (c.column().equals(Results.OVERALL)) {
                out.append(String.format(
                        Locale.ROOT,
                        "%s against %s, overall: %+.1f points [%+.1f, %+.1f] (paired bootstrap over cases)%n",
                        c.row(),
                        c.against(),
                        100 * c.difference(),
                        100 * c.low(),
                        100 * c.high()));
            }
        }
        return out.toString();
    }

    private static String cell(Results.Cell cell) {
        if (cell.n() == 0) {
            return "-";
        }
        return percent(new Interval(cell.accuracy(), cell.low(), cell.high()));
    }

    /** In percent, with its interval. */
    public static String percent(Interval share) {
        return String.format(
                Locale.ROOT, "%5.1f [%.1f, %.1f]", 100 * share.estimate(), 100 * share.low(), 100 * share.high());
    }

    /** A difference in points, with its interval. */
    public static String points(Interval difference) {
        return String.format(
                Locale.ROOT,
                "%+.1f [%+.1f, %+.1f]",
                100 * difference.estimate(),
                100 * difference.low(),
                100 * difference.high());
    }

    private static List<String> line(String name, List<String> columns, UnaryOperator<String> cell) {
        return Stream.concat(Stream.of(name), columns.stream().map(cell)).toList();
    }

    /** Columns as wide as what they hold, two spaces apart. */
    public static TextTable table(List<List<String>> lines) {
        Column[] columns = new Column[lines.get(0).size()];
        for (int i = 0; i < columns.length; i++) {
            int at = i;
            int width =
                    lines.stream().mapToInt(line -> line.get(at).length()).max().orElse(0);
            columns[i] = new Column(width + GAP, 0, Column.Overflow.TRUNCATE);
        }
        TextTable table = TextTable.forColumns(Help.defaultColorScheme(Help.Ansi.OFF), columns);
        lines.forEach(line -> table.addRowValues(line.toArray(String[]::new)));
        return table;
    }
}
