package ai.consilium.cases.importing.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Sets of pictures with questions that have no options: those answered by yes or no become cases, open ones are left out.
 *
 * @param image field that names the picture
 * @param id field of the row's own number, or the line where it has none
 * @param specialty field of the set's own word for the part of the body
 * @param modality field of the set's own word for the kind of picture
 */
record YesNoVqa(String name, String layout, String licence, String image, String id, String specialty, String modality)
        implements CaseSource {
    static final YesNoVqa SLAKE = new YesNoVqa(
            "slake",
            "train.json, validation.json or test.json, with the unpacked imgs.zip; English questions",
            "CC BY 4.0",
            "img_name",
            "qid",
            "location",
            "modality");
    static final YesNoVqa VQA_RAD = new YesNoVqa(
            "vqa-rad",
            "JSON of image_name (or image), question, answer, with the images beside it, or Parquet of Hugging Face",
            "CC0 1.0",
            "image_name",
            "qid",
            "image_organ",
            "");
    static final YesNoVqa PATH_VQA = new YesNoVqa(
            "path-vqa",
            "JSON or JSONL of image, question, answer, with the images beside it, or Parquet of Hugging Face",
            "MIT",
            "image",
            "",
            "",
            "");

    /** What exports from Hugging Face call every picture. */
    private static final String EXPORTED = "image";

    private static final Map<String, String> OPTIONS = Map.of("A", "yes", "B", "no");
    private static final String LANGUAGE = "q_lang";

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ".json", ".jsonl", ObjectRows.PARQUET)) {
            ObjectRows.each(file, SourceFiles.directory(source), row -> rows.take(row, this::outcome));
        }
    }

    private RowOutcome outcome(SourceRow row) {
        if (row.fields().has(LANGUAGE) && !row.fields().text(LANGUAGE).equals("en")) {
            return new RowOutcome.Omission("question not in English");
        }
        JsonNode given = row.fields().node().path("answer");
        String answer = (given.isNumber() ? given.asText() : row.fields().text("answer"))
                .strip()
                .toLowerCase(Locale.ROOT)
                .replaceAll("\\.$", "");
        if (!OPTIONS.containsValue(answer)) {
            return new RowOutcome.Omission("open question (its answer is neither yes nor no)");
        }
        String field = row.fields().has(image) ? image : EXPORTED;
        return Draft.of(
                        id.isEmpty() || !row.fields().has(id) ? row.numbered() : row.textOrNumber(id),
                        specialty.isEmpty() ? "" : row.optional(specialty),
                        modality.isEmpty() ? "" : row.optional(modality),
                        List.of(row.image(field)),
                        row.fields().text("question"),
                        OPTIONS,
                        answer.equals("yes") ? "A" : "B")
                .asQuestion();
    }
}
