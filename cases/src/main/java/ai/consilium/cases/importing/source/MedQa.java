package ai.consilium.cases.importing.source;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** MedQA (2009.13081), questions of the United States Medical Licensing Examination. */
record MedQa() implements CaseSource {
    @Override
    public String name() {
        return "medqa";
    }

    @Override
    public String layout() {
        return "JSONL of question, options by letter, answer_idx; text only";
    }

    @Override
    public String licence() {
        return "MIT";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ".jsonl", ObjectRows.PARQUET)) {
            ObjectRows.each(file, SourceFiles.directory(source), row -> rows.take(row, MedQa::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Map<String, String> options = row.fields().textMap("options");
        return Draft.of(
                        row.numbered(),
                        "",
                        "",
                        List.of(),
                        row.fields().text("question"),
                        options,
                        row.label("answer_idx", options))
                .asQuestion();
    }
}
