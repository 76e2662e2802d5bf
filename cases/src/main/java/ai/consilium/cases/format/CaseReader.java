package ai.consilium.cases.format;

import ai.consilium.cases.format.Case.Evidence;
import ai.consilium.cases.format.Case.Finding;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Reads the lines of one case file, in order, and refuses what cannot be used. Unknown fields are passed over. */
public final class CaseReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What topics and directories call the merged agent. */
    private static final String UNIFIED = "unified";

    private final Path path;
    private final Path directory;
    private final Map<String, Integer> lineById = new HashMap<>();

    CaseReader(Path path) {
        this.path = path;
        this.directory = directory(path);
    }

    /** Where a file lies, absolute; the file system's root lies in itself. */
    static Path directory(Path file) {
        Path absolute = file.toAbsolutePath().normalize();
        Path parent = absolute.getParent();
        return parent == null ? absolute : parent;
    }

    /** One line. @param number from 1 @throws CaseException naming file, line and field */
    Case line(int number, String text) {
        Fields fields = parse(path.getFileName() + ":" + number, text);
        String id = fields.text("id");
        Integer earlier = lineById.putIfAbsent(id, number);
        if (earlier != null) {
            throw fields.refuse("id", "'" + id + "' is also used in line " + earlier);
        }
        SortedMap<String, String> options = options(fields);
        return new Case(
                id,
                specialty(fields),
                fields.text("modality"),
                images(fields),
                fields.text("question"),
                options,
                label(fields, options),
                fields.has("context") ? fields.textMap("context") : Map.of(),
                fields.has("evidence") ? evidence(fields.object("evidence")) : null,
                fields.has("traces") ? fields.textMap("traces") : Map.of(),
                fields.text("source"));
    }

    private static String specialty(Fields fields) {
        String specialty = fields.text("specialty");
        if (specialty.equals(UNIFIED)) {
            throw fields.refuse("specialty", "'" + UNIFIED + "' is the name of the merged agent: name it otherwise");
        }
        return specialty;
    }

    private static Fields parse(String where, String text) {
        try {
            JsonNode node = JSON.readTree(text);
            if (!node.isObject()) {
                throw new CaseException(where + ": must be one JSON object");
            }
            return new Fields(node, where, "");
        } catch (JsonProcessingException e) {
            int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
            String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            throw new CaseException(where + ": broken JSON at column " + column + ": " + problem, e);
        }
    }

    private static SortedMap<String, String> options(Fields fields) {
        SortedMap<String, String> options = new TreeMap<>(fields.textMap("options"));
        if (options.size() < 2) {
            throw fields.refuse("options", options.isEmpty() ? "is empty" : "has only one option");
        }
        Set<String> texts = new HashSet<>();
        options.forEach((letter, text) -> {
            if (!letter.matches("[A-Z]")) {
                throw fields.refuse("options." + letter, "must be named by a single letter from A to Z");
            }
            if (Markup.words(text).isEmpty() || !texts.add(Markup.words(text))) {
                throw fields.refuse("options." + letter, "is blank or equal to another option: '" + text + "'");
            }
        });
        return options;
    }

    private static String label(Fields fields, SortedMap<String, String> options) {
        String label = fields.text("label");
        if (!options.containsKey(label)) {
            throw fields.refuse(
                    "label", "'" + label + "' is not an option; options are " + String.join(", ", options.keySet()));
        }
        return label;
    }

    private List<String> images(Fields fields) {
        List<String> images = fields.texts("images");
        if (images.isEmpty()) {
            throw fields.refuse("images", "is empty");
        }
        for (String image : images) {
            Path file = inside(directory, image);
            if (file == null) {
                throw fields.refuse("images", "'" + image + "' is outside the case file's directory");
            }
            if (!Files.isRegularFile(file)) {
                throw fields.refuse("images", "'" + image + "' is missing");
            }
        }
        return images;
    }

    /** A path below a directory, or null where it is absolute, leads out or is no path. */
    public static @Nullable Path inside(Path directory, String relative) {
        try {
            Path file = directory.resolve(relative).normalize();
            return Path.of(relative).isAbsolute() || !file.startsWith(directory) ? null : file;
        } catch (InvalidPathException e) {
            return null;
        }
    }

    private static Evidence evidence(Fields fields) {
        List<Finding> findings = fields.objects("findings").stream()
                .map(each ->
                        new Finding(each.text("name"), each.text("value"), each.text("from"), each.flag("abnormal")))
                .toList();
        return new Evidence(findings, fields.text("rule"), fields.textOrNull("score"), fields.texts("candidates"));
    }
}
