package ai.consilium.cases.importing.source;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** OmniMedVQA (2402.09181), its open-access part. */
record OmniMedVqa() implements CaseSource {
    private static final String OPEN_ACCESS = "QA_information/Open-access";

    @Override
    public String name() {
        return "omnimedvqa";
    }

    @Override
    public String layout() {
        return "QA_information/Open-access/*.json with Images/, as OmniMedVQA.zip unpacks, or one such file";
    }

    @Override
    public String licence() {
        return "that of each source set (the field dataset)";
    }

    @Override
    public void read(Path source, Rows rows) {
        Path open = source.resolve(OPEN_ACCESS);
        for (Path file : SourceFiles.find(Files.isDirectory(open) ? open : source, ".json")) {
            ObjectRows.each(file, SourceFiles.directory(source), row -> rows.take(row, OmniMedVqa::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Map<String, String> options = row.options(List.of("option_A", "option_B", "option_C", "option_D"));
        if (options.size() < 2) {
            return new RowOutcome.Omission("fewer than two options");
        }
        // One of the published files calls it otherwise.
        String modality = row.optional(row.fields().has("modality_type") ? "modality_type" : "modality");
        return Draft.of(
                        row.fields().text("question_id"),
                        modality,
                        modality,
                        List.of(row.picture("image_path", row.fields().text("image_path"))),
                        row.fields().text("question"),
                        options,
                        row.label("gt_answer", options))
                .asQuestion();
    }
}
