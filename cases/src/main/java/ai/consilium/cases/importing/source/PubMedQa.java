package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.Fields;
import ai.consilium.cases.prompt.Perspective;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * PubMedQA (1909.06146), the labelled part: a question about an abstract without its conclusion. The conclusion, which its authors
 * drew without any guideline, is the reasoning that is to be imitated where no perspective is asked for.
 */
record PubMedQa() implements CaseSource {
    private static final Map<String, String> OPTIONS = Map.of("A", "yes", "B", "no", "C", "maybe");

    @Override
    public String name() {
        return "pubmedqa";
    }

    @Override
    public String layout() {
        return "ori_pqal.json of GitHub (an object of questions by their number in PubMed); text only";
    }

    @Override
    public String licence() {
        return "MIT";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, "ori_pqal.json")) {
            ObjectRows.eachByKey(file, SourceFiles.directory(source), row -> rows.take(row, PubMedQa::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Fields fields = row.fields();
        if (!fields.has("final_decision")) {
            return new RowOutcome.Omission("no expert's answer (final_decision)");
        }
        return new Draft(
                        row.key(),
                        "",
                        "",
                        List.of(),
                        fields.text("QUESTION"),
                        OPTIONS,
                        row.label("final_decision", OPTIONS),
                        Map.of("abstract", String.join(" ", fields.texts("CONTEXTS"))),
                        traces(fields),
                        "")
                .asQuestion();
    }

    private static Map<String, String> traces(Fields fields) {
        return fields.has("LONG_ANSWER") ? Map.of(Perspective.NONE, fields.text("LONG_ANSWER")) : Map.of();
    }
}
