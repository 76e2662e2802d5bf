package ai.consilium.cases.importing.source;

import ai.consilium.cases.format.DirectoryBounds;
import ai.consilium.cases.format.Fields;
import ai.consilium.cases.importing.table.PythonList;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One row of a source.
 *
 * @param file name of the file
 * @param line where it begins, from 1
 * @param number of the row in its file, from 1
 * @param directory that the names of pictures are relative to
 * @param key name of the row in its file, or empty
 * @param fields its fields; an empty cell of a table is no field
 */
public record SourceRow(String file, int line, int number, Path directory, String key, Fields fields) {
    /** Where publishers' archives unpack their pictures to. */
    private static final List<String> PICTURES = List.of("", "images", "imgs", "Images", "images_2", "figures");

    /** A field of text that may be absent; empty where it is. */
    String optional(String field) {
        String text = fields.textOrNull(field);
        return text == null ? "" : text;
    }

    /** A field of text, or a number as it is written. */
    String textOrNumber(String field) {
        JsonNode value = fields.node().path(field);
        return value.isNumber() ? value.asText() : fields.text(field);
    }

    /** Names a row that has no id of its own. */
    String numbered() {
        return file.replaceAll("\\..*", "") + "-" + number;
    }

    /** A picture that a field names. @throws ai.consilium.cases.format.CaseException when it is not there, or outside */
    SourceImage picture(String field, String name) {
        Path root = directory.toAbsolutePath().normalize();
        for (String folder : PICTURES) {
            Path file = DirectoryBounds.inside(root, folder.isEmpty() ? name : folder + "/" + name);
            if (file != null && Files.isRegularFile(file)) {
                if (DirectoryBounds.linksOut(root, file)) {
                    throw fields.refuse(field, "'" + name + "' leads out of " + directory + " by a symbolic link");
                }
                return new SourceImage.OfFile(file);
            }
        }
        throw fields.refuse(field, "'" + name + "' is missing under " + directory);
    }

    /** A picture in the row itself. @throws ai.consilium.cases.format.CaseException when it is not base64 */
    SourceImage inline(String field, String base64) {
        try {
            byte[] content = Base64.getMimeDecoder().decode(base64);
            if (content.length == 0) {
                throw fields.refuse(field, "is an empty picture");
            }
            return new SourceImage.Inline(content);
        } catch (IllegalArgumentException e) {
            throw fields.refuse(field, "is not base64: " + e.getMessage());
        }
    }

    /**
     * A picture as a field gives it: the name of a file, or the struct of Hugging Face, which holds the file itself.
     *
     * @throws ai.consilium.cases.format.CaseException when there is neither
     */
    SourceImage image(String field) {
        JsonNode given = fields.node().path(field);
        if (!given.isObject()) {
            return picture(field, fields.text(field));
        }
        JsonNode bytes = given.path("bytes");
        try {
            if (bytes.isBinary() && bytes.binaryValue().length > 0) {
                return new SourceImage.Inline(bytes.binaryValue());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Fields struct = fields.object(field);
        return bytes.isTextual() ? inline(field, struct.text("bytes")) : picture(field, struct.text("path"));
    }

    /** A list that a text gives as Python prints it. @throws ai.consilium.cases.format.CaseException when it is none */
    List<String> pythonList(String field, String text) {
        return PythonList.parse(text)
                .orElseThrow(() -> fields.refuse(field, "is no list as Python prints it, such as ['a', 'b']"));
    }

    /** Options from one field a letter, A first; those that are absent are left out. */
    Map<String, String> options(List<String> names) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            String text = optional(names.get(i));
            if (!text.isEmpty()) {
                options.put(letter(i), text);
            }
        }
        return options;
    }

    /** The letter of the option that a field names by its letter or its text. */
    String label(String field, Map<String, String> options) {
        String said = textOrNumber(field).strip();
        String found = find(said, options);
        if (found == null) {
            throw fields.refuse(
                    field,
                    "'" + said + "' is neither the letter nor the text of an option; options are "
                            + String.join(", ", options.keySet()));
        }
        return found;
    }

    private static @Nullable String find(String said, Map<String, String> options) {
        String upper = said.toUpperCase(Locale.ROOT);
        if (options.containsKey(upper)) {
            return upper;
        }
        List<String> equal = options.entrySet().stream()
                .filter(option -> option.getValue().strip().equalsIgnoreCase(said))
                .map(Map.Entry::getKey)
                .toList();
        return equal.size() == 1 ? equal.get(0) : null;
    }

    static String letter(int index) {
        return Character.toString('A' + index);
    }
}
