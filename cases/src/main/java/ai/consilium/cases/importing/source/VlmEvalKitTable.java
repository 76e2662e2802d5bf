package ai.consilium.cases.importing.source;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tables of VLMEvalKit: a tab between cells, one column an option, pictures in base64. */
record VlmEvalKitTable() implements CaseSource {
    private static final List<String> LETTERS = List.of("A", "B", "C", "D", "E", "F", "G", "H", "I", "J");
    /** Shorter cells name the row that holds the picture. */
    private static final int SHORTEST_PICTURE = 64;

    @Override
    public String name() {
        return "vlmevalkit";
    }

    @Override
    public String layout() {
        return "NAME.tsv with index, question, A, B, ..., answer, image (base64)";
    }

    @Override
    public String licence() {
        return "that of the set in the table";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ".tsv")) {
            TableRows.each(
                    file,
                    SourceFiles.directory(source),
                    '\t',
                    Optional.empty(),
                    row -> rows.take(row, VlmEvalKitTable::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Map<String, String> options = row.options(LETTERS);
        if (options.size() < 2) {
            return new RowOutcome.Omission("open question (no options)");
        }
        String hint = row.optional("hint");
        String specialty = row.optional("body_system");
        return Draft.of(
                        row.fields().text("index"),
                        specialty.isEmpty() ? row.optional("category") : specialty,
                        "",
                        images(row),
                        hint.isEmpty()
                                ? row.fields().text("question")
                                : hint + "\n" + row.fields().text("question"),
                        options,
                        row.label("answer", options))
                .asQuestion();
    }

    private static List<SourceImage> images(SourceRow row) {
        String cell = row.optional("image");
        List<SourceImage> images = new ArrayList<>();
        if (cell.startsWith("[")) {
            row.pythonList("image", cell).forEach(item -> images.add(row.inline("image", item)));
        } else if (!cell.isEmpty()) {
            if (cell.length() < SHORTEST_PICTURE) {
                throw row.fields().refuse("image", "'" + cell + "' refers to the picture of another row; write it out");
            }
            images.add(row.inline("image", cell));
        } else if (row.fields().has("image_path")) {
            images.add(row.picture("image_path", row.fields().text("image_path")));
        }
        return images;
    }
}
