package ai.consilium.cli.ablation;

import ai.consilium.cli.report.ResultsTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an ablation prints for people. Pure. */
public final class AblationTable {
    private AblationTable() {}

    /** A line for each row: seeds, who is measured, accuracies, and the difference to the first row. */
    public static String render(AblationResults results) {
        List<String> columns = List.copyOf(results.rows().get(0).accuracy().keySet());
        List<String> heading = new ArrayList<>(List.of("", "seeds", "measured"));
        heading.addAll(columns);
        heading.add("sampled tokens");
        heading.add("against " + results.against() + ", points");
        List<List<String>> lines = new ArrayList<>(List.of(heading));
        for (AblationResults.Row row : results.rows()) {
            List<String> line = new ArrayList<>(
                    List.of(row.row(), Integer.toString(row.seeds().size()), row.measured()));
            for (String column : columns) {
                AblationResults.Cell cell = row.accuracy().get(column);
                line.add(cell == null ? "-" : ResultsTable.percent(cell.interval()));
            }
            line.add(row.sampledTokens() == null ? "-" : String.format(Locale.ROOT, "%,d", row.sampledTokens()));
            line.add(row.difference() == null ? "" : ResultsTable.points(row.difference()));
            lines.add(line);
        }
        return "Accuracy in % on held-out cases, mean over seeds [95 % interval over seeds and cases]\n\n"
                + ResultsTable.table(lines);
    }
}
