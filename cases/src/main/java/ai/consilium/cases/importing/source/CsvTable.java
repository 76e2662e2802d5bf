package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.CaseException;
import ai.consilium.cases.format.Fields;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * A table of one's own, its columns named by a YAML file (docs/CASES.md, A table of your own).
 *
 * @param columns which column is what
 */
public record CsvTable(Columns columns) implements CaseSource {
    /** What a person types. */
    public static final String NAME = "csv";

    /** What is read, in words. */
    public static final String LAYOUT = "a CSV file, and --columns FILE.yaml that says which column is what";

    private static final Set<String> KEYS = Set.of(
            "separator",
            "id",
            "question",
            "options",
            "label",
            "specialty",
            "modality",
            "images",
            "context",
            "traces",
            "patient");

    /**
     * Names of columns.
     *
     * @param separator between cells
     * @param images columns of picture files, several of them in a cell with a semicolon between
     * @param optional specialty, modality and patient, where the table has them
     */
    public record Columns(
            char separator,
            String id,
            String question,
            Map<String, String> options,
            String label,
            List<String> images,
            Map<String, String> context,
            Map<String, String> traces,
            Map<String, String> optional) {
        /** Reads the YAML file. @throws CaseException naming file and key */
        public static Columns read(Path file) {
            try {
                JsonNode root = YAMLMapper.builder().build().readTree(file.toFile());
                return of(new Fields(root == null ? YAMLMapper.builder().build().createObjectNode() : root, ""));
            } catch (CaseException e) {
                throw new CaseException(file + ": " + e.getMessage(), e);
            } catch (IOException e) {
                String problem =
                        String.valueOf(e.getMessage()).lines().findFirst().orElse("");
                throw new CaseException(file + ": cannot be read: " + problem, e);
            }
        }

        private static Columns of(Fields fields) {
            fields.node().fieldNames().forEachRemaining(key -> {
                if (!KEYS.contains(key)) {
                    throw fields.refuse(key, "is no key; keys are " + String.join(", ", new TreeSet<>(KEYS)));
                }
            });
            String separator =
                    fields.has("separator") ? fields.node().get("separator").asText() : ",";
            if (separator.length() != 1) {
                throw fields.refuse("separator", "must be one character");
            }
            Map<String, String> optional = new LinkedHashMap<>();
            for (String key : List.of("specialty", "modality", "patient")) {
                if (fields.has(key)) {
                    optional.put(key, fields.text(key));
                }
            }
            return new Columns(
                    separator.charAt(0),
                    fields.text("id"),
                    fields.text("question"),
                    fields.textMap("options"),
                    fields.text("label"),
                    fields.has("images") ? fields.texts("images") : List.of(),
                    fields.has("context") ? fields.textMap("context") : Map.of(),
                    fields.has("traces") ? fields.textMap("traces") : Map.of(),
                    optional);
        }

        private List<String> all() {
            List<String> all = new ArrayList<>(List.of(id, question, label));
            all.addAll(options.values());
            all.addAll(images);
            all.addAll(context.values());
            all.addAll(traces.values());
            all.addAll(optional.values());
            return all;
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String layout() {
        return LAYOUT;
    }

    @Override
    public String licence() {
        return "yours";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ".csv")) {
            TableRows.requireColumns(file, columns.separator(), columns.all());
            TableRows.each(
                    file,
                    SourceFiles.directory(source),
                    columns.separator(),
                    Optional.empty(),
                    row -> rows.take(row, this::outcome));
        }
    }

    private RowOutcome outcome(SourceRow row) {
        Map<String, String> options = cells(row, columns.options());
        if (options.isEmpty()) {
            return new RowOutcome.Omission("open question (no options)");
        }
        List<SourceImage> images = new ArrayList<>();
        for (String column : columns.images()) {
            for (String name : row.optional(column).split(";", -1)) {
                if (!name.isBlank()) {
                    images.add(row.picture(column, name.strip()));
                }
            }
        }
        return new Draft(
                        row.fields().text(columns.id()),
                        cell(row, "specialty"),
                        cell(row, "modality"),
                        images,
                        row.fields().text(columns.question()),
                        options,
                        row.label(columns.label(), options),
                        cells(row, columns.context()),
                        cells(row, columns.traces()),
                        cell(row, "patient"))
                .asQuestion();
    }

    private String cell(SourceRow row, String what) {
        String column = columns.optional().get(what);
        return column == null ? "" : row.optional(column);
    }

    /** What stands in the named columns, without those that are empty; in the order of the YAML file. */
    private static Map<String, String> cells(SourceRow row, Map<String, String> columns) {
        Map<String, String> cells = new LinkedHashMap<>();
        columns.forEach((name, column) -> {
            String text = row.optional(column);
            if (!text.isEmpty()) {
                cells.put(name, text);
            }
        });
        return cells;
    }
}
