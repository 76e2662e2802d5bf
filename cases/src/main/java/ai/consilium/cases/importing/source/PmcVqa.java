package ai.consilium.cases.importing.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** PMC-VQA (2305.10415), its second version; the caption is left out, for it may tell the answer. */
record PmcVqa() implements CaseSource {
    private static final List<String> COLUMNS =
            List.of("index", "figure", "caption", "question", "A", "B", "C", "D", "answer", "split");

    @Override
    public String name() {
        return "pmc-vqa";
    }

    @Override
    public String layout() {
        return "train_2.csv or test_2.csv (columns by position), with the unpacked images_2.zip beside it";
    }

    @Override
    public String licence() {
        return "CC BY-SA";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, "_2.csv")) {
            TableRows.each(
                    file,
                    SourceFiles.directory(source),
                    ',',
                    Optional.of(COLUMNS),
                    row -> rows.take(row, PmcVqa::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Map<String, String> options = new TreeMap<>();
        row.options(COLUMNS.subList(4, 8)).forEach((letter, text) -> {
            String plain = text.replaceFirst("^" + letter + "\\s*[:.)]\\s*", "").strip();
            if (!plain.isEmpty()) {
                options.put(letter, plain);
            }
        });
        if (options.size() < 2) {
            return new RowOutcome.Omission("fewer than two options");
        }
        return Draft.of(
                        row.fields().text("index"),
                        "",
                        "",
                        List.of(row.picture("figure", row.fields().text("figure"))),
                        row.fields().text("question"),
                        options,
                        row.label("answer", options))
                .asQuestion();
    }
}
