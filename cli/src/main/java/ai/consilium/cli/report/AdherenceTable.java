package ai.consilium.cli.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How well right answers keep to guidelines, for people. Pure. */
public final class AdherenceTable {
    private AdherenceTable() {}

    /** A line for each policy, with a column for each perspective, and the differences to the first. */
    public static String render(Adherence adherence) {
        Map<String, Adherence.Policy> policies = adherence.policies();
        String first = policies.keySet().iterator().next();
        List<String> columns = policies.values().stream()
                .flatMap(policy -> policy.cells().keySet().stream())
                .distinct()
                .toList();
        List<String> heading = new ArrayList<>(List.of(""));
        heading.addAll(columns);
        heading.add(policies.size() == 1 ? "" : "against " + first + ", points");
        List<List<String>> lines = new ArrayList<>(List.of(heading));
        policies.forEach((name, policy) -> {
            List<String> line = new ArrayList<>(List.of(name));
            columns.forEach(column -> line.add(cell(policy.cells().get(column))));
            line.add(policy.difference() == null ? "" : ResultsTable.points(policy.difference()));
            lines.add(line);
        });
        return "Adherence of right answers in %, scored by " + String.join(", ", adherence.guidelines())
                + " [95 % interval] (cases)\n\n" + ResultsTable.table(lines);
    }

    private static String cell(Adherence.@Nullable Cell cell) {
        return cell == null || cell.score() == null
                ? "-"
                : ResultsTable.percent(cell.score()) + " (" + cell.cases() + ")";
    }
}
