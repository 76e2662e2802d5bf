package ai.consilium.cases.importing.source;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The medical subjects of MMMU (2311.16502), as Hugging Face holds them. Question and options name a picture as
 * {@code <image 1>}, which stays as it is.
 */
record MmmuMed() implements CaseSource {
    private static final List<String> SUBJECTS = List.of(
            "Basic_Medical_Science",
            "Clinical_Medicine",
            "Diagnostics_and_Laboratory_Medicine",
            "Pharmacy",
            "Public_Health");
    private static final Pattern ID = Pattern.compile("(?:dev|validation|test)_(\\w+)_\\d+");
    private static final int MOST_IMAGES = 7;
    /** What the test split has in place of an answer. */
    private static final String UNPUBLISHED = "?";

    @Override
    public String name() {
        return "mmmu-med";
    }

    @Override
    public String layout() {
        return "Parquet of Hugging Face, MMMU/MMMU: a file, or the directory of " + String.join(", ", SUBJECTS);
    }

    @Override
    public String licence() {
        return "Apache-2.0";
    }

    @Override
    public void read(Path source, Rows rows) {
        List<Path> files = new ArrayList<>();
        SUBJECTS.stream()
                .map(source::resolve)
                .filter(Files::isDirectory)
                .forEach(subject -> files.addAll(SourceFiles.find(subject, ObjectRows.PARQUET)));
        if (files.isEmpty()) {
            files.addAll(SourceFiles.find(source, ObjectRows.PARQUET, ".jsonl"));
        }
        for (Path file : files) {
            ObjectRows.each(file, SourceFiles.directory(file), row -> rows.take(row, MmmuMed::outcome));
        }
    }

    private static RowOutcome outcome(SourceRow row) {
        String id = row.fields().text("id");
        Matcher parts = ID.matcher(id);
        if (!parts.matches()) {
            throw row.fields().refuse("id", "'" + id + "' is not SPLIT_SUBJECT_NUMBER");
        }
        String subject = parts.group(1);
        if (!SUBJECTS.contains(subject)) {
            return new RowOutcome.Omission("subject that is not medical");
        }
        if (row.optional("question_type").equals("open")) {
            return new RowOutcome.Omission("open question (no options)");
        }
        if (row.fields().text("answer").equals(UNPUBLISHED)) {
            return new RowOutcome.Omission("no answer is published");
        }
        Map<String, String> options = options(row);
        return Draft.of(
                        id,
                        subject,
                        modality(row),
                        images(row),
                        row.fields().text("question"),
                        options,
                        row.label("answer", options))
                .asQuestion();
    }

    private static Map<String, String> options(SourceRow row) {
        Map<String, String> options = new TreeMap<>();
        List<String> texts = list(row, "options");
        for (int i = 0; i < texts.size(); i++) {
            options.put(SourceRow.letter(i), texts.get(i));
        }
        return options;
    }

    private static List<String> list(SourceRow row, String field) {
        JsonNode given = row.fields().node().path(field);
        return given.isArray()
                ? row.fields().texts(field)
                : row.pythonList(field, row.fields().text(field));
    }

    /** The kind of the first picture; the others are seldom of another. */
    private static String modality(SourceRow row) {
        List<String> kinds = row.fields().has("img_type") ? list(row, "img_type") : List.of();
        return kinds.isEmpty() ? "" : kinds.get(0);
    }

    private static List<SourceImage> images(SourceRow row) {
        List<SourceImage> images = new ArrayList<>();
        for (int number = 1; number <= MOST_IMAGES; number++) {
            String field = "image_" + number;
            if (row.fields().has(field)) {
                images.add(row.image(field));
            }
        }
        return images;
    }
}
