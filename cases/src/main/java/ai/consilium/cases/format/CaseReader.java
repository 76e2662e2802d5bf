package ai.consilium.cases.format;

import ai.consilium.cases.format.Case.Evidence;
import ai.consilium.cases.format.Case.Finding;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Reads the lines of one case file, in order, and refuses what cannot be used. Unknown fields are passed over. */
public final class CaseReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /** What topics and directories call the merged agent. */
    private static final String UNIFIED = "unified";

    /** Stands for evidence that was refused. */
    private static final Evidence NOTHING = new Evidence(List.of(), "", null, List.of());

    private final String name;
    private final Path directory;
    private final Map<String, Integer> lineById = new HashMap<>();

    /** Of a file, which need not exist yet: images are looked for in its directory. */
    public CaseReader(Path path) {
        this.name = String.valueOf(path.getFileName());
        this.directory = DirectoryBounds.of(path);
    }

    /** One line in UTF-8, every field of it. @param number from 1 */
    public CaseLine line(int number, byte[] bytes) {
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return refused(number, "", "is not UTF-8 text; save the file as UTF-8");
        }
        try {
            return line(number, text, parse(text));
        } catch (CaseException e) {
            return refused(number, text, String.valueOf(e.getMessage()));
        }
    }

    private CaseLine refused(int number, String text, String problem) {
        return new CaseLine(name, number, text, null, null, List.of(problem));
    }

    private CaseLine line(int number, String text, Fields fields) {
        List<String> problems = new ArrayList<>();
        String id = tried(problems, () -> id(fields, number), "");
        SortedMap<String, String> options = tried(problems, () -> options(fields), new TreeMap<>());
        Case of = new Case(
                id,
                tried(problems, () -> specialty(fields), ""),
                tried(problems, () -> fields.name("modality"), ""),
                tried(problems, () -> images(fields), List.of()),
                tried(problems, () -> fields.text("question"), ""),
                options,
                // Without options there is nothing to compare it with.
                options.isEmpty() ? "" : tried(problems, () -> label(fields, options), ""),
                tried(problems, () -> fields.has("context") ? fields.textMap("context") : Map.of(), Map.of()),
                fields.has("evidence") ? tried(problems, () -> evidence(fields.object("evidence")), NOTHING) : null,
                tried(problems, () -> fields.has("traces") ? fields.textMap("traces") : Map.of(), Map.of()),
                tried(problems, () -> fields.name("source"), ""));
        return new CaseLine(name, number, text, id.isEmpty() ? null : id, problems.isEmpty() ? of : null, problems);
    }

    /** A field, or something in its place where it is refused, so that the other fields are looked at too. */
    private static <T> T tried(List<String> problems, Supplier<T> field, T otherwise) {
        try {
            return field.get();
        } catch (CaseException e) {
            problems.add(String.valueOf(e.getMessage()));
            return otherwise;
        }
    }

    private String id(Fields fields, int number) {
        String id = fields.name("id");
        Integer earlier = lineById.putIfAbsent(id, number);
        if (earlier != null) {
            throw fields.refuse("id", "'" + id + "' is also used in line " + earlier);
        }
        return id;
    }

    private static String specialty(Fields fields) {
        String specialty = fields.name("specialty");
        if (specialty.equals(UNIFIED)) {
            throw fields.refuse("specialty", "'" + UNIFIED + "' is the name of the merged agent: name it otherwise");
        }
        return specialty;
    }

    private static Fields parse(String text) {
        try {
            JsonNode node = JSON.readTree(text);
            if (!node.isObject()) {
                throw new CaseException("must be one JSON object");
            }
            return new Fields(node, "");
        } catch (JsonProcessingException e) {
            int column = e.getLocation() == null ? 0 : e.getLocation().getColumnNr();
            String problem = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            throw new CaseException("broken JSON at column " + column + ": " + Printable.shown(problem), e);
        }
    }

    private static SortedMap<String, String> options(Fields fields) {
        JsonNode given = fields.node().path("options");
        if (given.isArray() && given.path(0).isObject()) {
            throw fields.refuse(
                    "options",
                    "must be an object of letters and texts, is a list of objects; 'consilium cases import' reads such files");
        }
        SortedMap<String, String> options = new TreeMap<>(fields.textMap("options"));
        if (options.size() < 2) {
            throw fields.refuse("options", options.isEmpty() ? "is empty" : "has only one option");
        }
        // The canonical prompt tells fewer texts apart than the eye does: it puts a space around each mark.
        Set<String> words = new HashSet<>();
        Set<String> seen = new HashSet<>();
        options.forEach((letter, text) -> {
            if (!letter.matches("[A-Z]")) {
                throw fields.refuse("options." + letter, "must be named by a single letter from A to Z");
            }
            String canonical = Markup.words(text);
            String visible = Wording.canonical(text);
            if (canonical.isEmpty() || visible.isEmpty() || !words.add(canonical) || !seen.add(visible)) {
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
        if (!fields.has("images")) {
            throw fields.refuse("images", "is missing; write [] for a case without images");
        }
        List<String> images = fields.names("images");
        for (String image : images) {
            Path file = DirectoryBounds.inside(directory, image);
            if (file == null) {
                throw fields.refuse("images", "'" + image + "' is outside the case file's directory");
            }
            if (!Files.isRegularFile(file)) {
                throw fields.refuse("images", "'" + image + "' is missing");
            }
            if (DirectoryBounds.linksOut(directory, file)) {
                throw fields.refuse(
                        "images",
                        "'" + image
                                + "' leads out of the case file's directory by a symbolic link; copy the file instead");
            }
        }
        return images;
    }

    private static Evidence evidence(Fields fields) {
        List<Finding> findings = fields.objects("findings").stream()
                .map(each ->
                        new Finding(each.text("name"), each.text("value"), each.text("from"), each.flag("abnormal")))
                .toList();
        return new Evidence(findings, fields.text("rule"), fields.textOrNull("score"), fields.texts("candidates"));
    }
}
