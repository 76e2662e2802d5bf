package ai.consilium.cli.report;

import ai.consilium.cases.format.Case;
import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.evaluation.Interval;
import ai.consilium.evaluation.PairedBootstrap;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * What a run reached on its held-out cases: rows are policies (base, dsa, rl, unified, sft_longer), columns are
 * specialties and {@code overall}.
 *
 * @param columns specialties in configuration order; {@code overall} is derived
 * @param verdicts by row, then specialty: one verdict a case, in the same case order for every row
 */
public record Results(List<String> columns, Map<String, Map<String, List<Verdict>>> verdicts) {
    /** Rows that a reader compares first; the last tells whether one agent does what the experts do together. */
    public static final List<Pair> PAIRS = List.of(
            new Pair("rl", "dsa"),
            new Pair("rl", "sft_longer"),
            new Pair("dsa", "base"),
            new Pair("unified", "base"),
            new Pair("unified", "dsa"),
            new Pair("unified", "sft_longer"),
            new Pair("unified", "rl"));

    public static final String OVERALL = "overall";
    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    private static final PairedBootstrap BOOTSTRAP = new PairedBootstrap(10_000, 1L);

    /** A row, and the one that it is compared with. */
    public record Pair(String row, String against) {}

    /** Accuracy of one cell with its 95 % Wilson interval. */
    record Cell(int n, int correct, double accuracy, double low, double high) {
        static Cell of(List<Verdict> verdicts) {
            if (verdicts.isEmpty()) {
                return new Cell(0, 0, 0, 0, 0);
            }
            int correct = (int) verdicts.stream().filter(Verdict::correct).count();
            Interval interval = Interval.wilson(correct, verdicts.size());
            return new Cell(verdicts.size(), correct, interval.estimate(), interval.low(), interval.high());
        }
    }

    /** Difference of two rows, paired by case. */
    record Comparison(String row, String against, String column, double difference, double low, double high) {}

    /** Rows in the order in which they were made. */
    List<String> rows() {
        return List.copyOf(verdicts.keySet());
    }

    /** Verdicts of a row in a column; overall joins the specialties. */
    List<Verdict> of(String row, String column) {
        Map<String, List<Verdict>> byColumn = Objects.requireNonNull(verdicts.get(row), row);
        if (!column.equals(OVERALL)) {
            return byColumn.getOrDefault(column, List.of());
        }
        List<Verdict> all = new ArrayList<>();
        columns.forEach(c -> all.addAll(byColumn.getOrDefault(c, List.of())));
        return all;
    }

    /** One cell. */
    Cell cell(String row, String column) {
        return Cell.of(of(row, column));
    }

    /** The comparisons that a reader asks for first. */
    List<Comparison> comparisons() {
        List<Comparison> out = new ArrayList<>();
        for (Pair pair : PAIRS) {
            if (verdicts.containsKey(pair.row()) && verdicts.containsKey(pair.against())) {
                List<String> all = new ArrayList<>(columns);
                all.add(OVERALL);
                all.removeIf(column -> of("base", column).isEmpty());
                all.forEach(column -> out.add(compare(pair.row(), pair.against(), column)));
            }
        }
        return out;
    }

    private Comparison compare(String row, String against, String column) {
        Interval d = BOOTSTRAP.compareOne(of(row, column), of(against, column));
        return new Comparison(row, against, column, d.estimate(), d.low(), d.high());
    }

    /** Writes results.json: row, then column, then {n, correct, accuracy, low, high}; and verdicts.json beside it. */
    public void write(Path runDirectory) throws IOException {
        Map<String, Map<String, Cell>> cells = new LinkedHashMap<>();
        for (String row : rows()) {
            Map<String, Cell> byColumn = new LinkedHashMap<>();
            columns.forEach(column -> byColumn.put(column, cell(row, column)));
            byColumn.put(OVERALL, cell(row, OVERALL));
            cells.put(row, byColumn);
        }
        ObjectNode root = JSON.valueToTree(cells);
        Files.writeString(runDirectory.resolve("results.json"), JSON.writeValueAsString(root) + "\n");
        JSON.writeValue(runDirectory.resolve("comparisons.json").toFile(), comparisons());
        Map<String, Map<String, Boolean>> byCase = new LinkedHashMap<>();
        for (String row : rows()) {
            Map<String, Boolean> hits = new TreeMap<>();
            of(row, OVERALL).forEach(v -> hits.put(v.id(), v.correct()));
            byCase.put(row, hits);
        }
        JSON.writeValue(runDirectory.resolve("verdicts.json").toFile(), byCase);
    }

    /** Cases of one specialty, in file order. */
    public static List<Case> ofSpecialty(List<Case> cases, String specialty) {
        return cases.stream().filter(c -> c.specialty().equals(specialty)).toList();
    }
}
