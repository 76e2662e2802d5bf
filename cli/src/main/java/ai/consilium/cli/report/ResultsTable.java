package ai.consilium.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table that a run ends with, as text. Pure. */
public final class ResultsTable {
    private static final int NAME_WIDTH = 12;
    private static final int CELL_WIDTH = 21;

    private ResultsTable() {}

    /** Rows are policies, columns specialties and overall; each cell is accuracy and 95 % interval in percent. */
    public static String render(Results results, String title) {
        List<String> columns = new ArrayList<>(results.columns());
        columns.add(Results.OVERALL);
        StringBuilder out = new StringBuilder(title).append("\n\n");
        out.append(pad("", NAME_WIDTH));
        columns.forEach(c -> out.append(pad(c, CELL_WIDTH)));
        out.append('\n');
        for (String row : results.rows()) {
            out.append(pad(row, NAME_WIDTH));
            columns.forEach(c -> out.append(pad(cell(results.cell(row, c)), CELL_WIDTH)));
            out.append('\n');
        }
        out.append(pad("cases", NAME_WIDTH));
        columns.forEach(c ->
                out.append(pad("n = " + results.cell(results.rows().get(0), c).n(), CELL_WIDTH)));
        out.append("\n\n");
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
        return String.format(
                Locale.ROOT, "%5.1f [%.1f, %.1f]", 100 * cell.accuracy(), 100 * cell.low(), 100 * cell.high());
    }

    private static String pad(String text, int width) {
        return text.length() >= width ? text + " " : text + " ".repeat(width - text.length());
    }
}
