package ai.consilium.cases.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object, each checked as it is asked for. A refusal names the field; whoever reads the file adds the
 * file and the line.
 *
 * @param node the object
 * @param path key path of the object, empty at the top
 */
public record Fields(JsonNode node, String path) {
    /** The one line that refuses a field, fit for a terminal whatever it quotes. */
    public CaseException refuse(String field, String problem) {
        return new CaseException(Printable.shown(path + field + ": " + problem));
    }

    /** Whether it is there and not null. */
    public boolean has(String field) {
        return node.hasNonNull(field);
    }

    /** Text that shows something. */
    public String text(String field) {
        JsonNode value = required(field);
        if (!value.isTextual()) {
            throw refuse(field, "must be text, is " + kind(value));
        }
        return sound(field, value.textValue());
    }

    /** Text that is shown where people look after a run: one line, and nothing in it that a terminal obeys. */
    public String name(String field) {
        return named(field, text(field));
    }

    private String sound(String field, String text) {
        if (text.isBlank()) {
            throw refuse(field, "is empty");
        }
        if (Printable.broken(text)) {
            throw refuse(field, "holds half of a pair of surrogates, which is no character");
        }
        return text;
    }

    private String named(String field, String text) {
        Printable.flaw(text).ifPresent(flaw -> {
            throw refuse(field, "holds " + flaw + ": '" + text + "'");
        });
        return text;
    }

    /** Text, or null where it is absent. */
    public @Nullable String textOrNull(String field) {
        return has(field) ? text(field) : null;
    }

    public boolean flag(String field) {
        JsonNode value = required(field);
        if (!value.isBoolean()) {
            throw refuse(field, "must be true or false, is " + kind(value));
        }
        return value.booleanValue();
    }

    /** A list of text. */
    public List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : list(field)) {
            String at = field + "[" + texts.size() + "]";
            if (!value.isTextual()) {
                throw refuse(at, "must be text, is " + kind(value));
            }
            texts.add(sound(at, value.textValue()));
        }
        return texts;
    }

    /** A list of names, such as paths. */
    public List<String> names(String field) {
        List<String> names = texts(field);
        for (int i = 0; i < names.size(); i++) {
            named(field + "[" + i + "]", names.get(i));
        }
        return names;
    }

    /** Text by key, in the file's order. A key with null is absent: tables are exported with one column for all. */
    public Map<String, String> textMap(String field) {
        Fields inner = object(field);
        Map<String, String> map = new LinkedHashMap<>();
        inner.node().fieldNames().forEachRemaining(key -> {
            if (inner.has(key)) {
                map.put(key, inner.text(key));
            }
        });
        return map;
    }

    public Fields object(String field) {
        JsonNode value = required(field);
        if (!value.isObject()) {
            throw refuse(field, "must be an object, is " + kind(value));
        }
        return new Fields(value, path + field + ".");
    }

    public List<Fields> objects(String field) {
        List<Fields> objects = new ArrayList<>();
        for (JsonNode value : list(field)) {
            String at = field + "[" + objects.size() + "]";
            if (!value.isObject()) {
                throw refuse(at, "must be an object, is " + kind(value));
            }
            objects.add(new Fields(value, path + at + "."));
        }
        return objects;
    }

    private JsonNode list(String field) {
        JsonNode value = required(field);
        if (!value.isArray()) {
            throw refuse(field, "must be a list, is " + kind(value));
        }
        return value;
    }

    private JsonNode required(String field) {
        JsonNode value = node.get(field);
        if (value == null || value.isNull()) {
            throw refuse(field, "is missing");
        }
        return value;
    }

    private static String kind(JsonNode value) {
        return switch (value.getNodeType()) {
            case STRING -> value.textValue().isBlank() ? "empty text" : "text";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> value.toString();
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            case BINARY -> "bytes";
            default -> "null";
        };
    }
}
