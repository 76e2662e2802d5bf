package ai.consilium.cases.importing.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** MedXpertQA (2501.18362), both as Hugging Face exports it and as its repository on GitHub holds it. */
record MedXpertQa() implements CaseSource {
    /** What begins the repetition of the options at the end of every question. */
    private static final String CHOICES = "\nAnswer Choices:";

    @Override
    public String name() {
        return "medxpertqa";
    }

    @Override
    public String layout() {
        return "medxpertqa_mm_input.jsonl of GitHub, or JSONL exported from Hugging Face (config MM or Text), with images/";
    }

    @Override
    public String licence() {
        return "MIT";
    }

    @Override
    public void read(Path source, Rows rows) {
        for (Path file : SourceFiles.find(source, ".jsonl", ".json", ObjectRows.PARQUET)) {
            ObjectRows.each(file, SourceFiles.directory(source), row -> rows.take(row, MedXpertQa::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        Map<String, String> options = options(row);
        JsonNode given = row.fields().node().path("label");
        String label = given.isArray() && given.size() == 1
                ? row.fields().texts("label").get(0)
                : row.label("label", options);
        String question = row.fields().text("question");
        int choices = question.lastIndexOf(CHOICES);
        return Draft.of(
                        row.fields().text("id"),
                        row.optional("body_system"),
                        "",
                        images(row),
                        choices > 0 ? question.substring(0, choices).strip() : question,
                        options,
                        label)
                .asQuestion();
    }

    private static Map<String, String> options(SourceRow row) {
        if (!row.fields().node().path("options").isArray()) {
            return row.fields().textMap("options");
        }
        Map<String, String> options = new TreeMap<>();
        row.fields().objects("options").forEach(option -> options.put(option.text("letter"), option.text("content")));
        return options;
    }

    private static List<SourceImage> images(SourceRow row) {
        if (!row.fields().has("images")) {
            return List.of();
        }
        boolean objects = row.fields().node().path("images").path(0).isObject();
        List<String> names = objects
                ? row.fields().objects("images").stream()
                        .map(image -> image.text("image_path"))
                        .toList()
                : row.fields().texts("images");
        List<SourceImage> images = new ArrayList<>();
        names.forEach(name -> images.add(row.picture("images", name)));
        return images;
    }
}
