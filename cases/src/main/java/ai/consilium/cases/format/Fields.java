package ai.consilium.cases.format;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The fields of one JSON object of a case file, each checked as it is asked for.
 *
 * @param node the object
 * @param where file and line
 * @param path key path of the object, empty at the top
 */
record Fields(JsonNode node, String where, String path) {
    /** The one line that refuses a field. */
    CaseException refuse(String field, String problem) {
        return new CaseException(where + ": " + path + field + ": " + problem);
    }

    boolean has(String field) {
        return node.hasNonNull(field);
    }

    String text(String field) {
        JsonNode value = required(field);
        if (!value.isTextual()) {
            throw refuse(field, "must be text, is " + kind(value));
        }
        if (value.textValue().isBlank()) {
            throw refuse(field, "is empty");
        }
        return value.textValue();
    }

    @Nullable
    String textOrNull(String field) {
        return has(field) ? text(field) : null;
    }

    boolean flag(String field) {
        JsonNode value = required(field);
        if (!value.isBoolean()) {
            throw refuse(field, "must be true or false, is " + kind(value));
        }
        return value.booleanValue();
    }

    List<String> texts(String field) {
        List<String> texts = new ArrayList<>();
        for (JsonNode value : list(field)) {
            if (!value.isTextual() || value.textValue().isBlank()) {
                throw refuse(field + "[" + texts.size() + "]", "must be text, is " + kind(value));
            }
            texts.add(value.textValue());
        }
        return texts;
    }

    /** Text by key, in the file's order. */
    Map<String, String> textMap(String field) {
        Fields inner = object(field);
        Map<String, String> map = new LinkedHashMap<>();
        inner.node().fieldNames().forEachRemaining(key -> map.put(key, inner.text(key)));
        return map;
    }

    Fields object(String field) {
        JsonNode value = required(field);
        if (!value.isObject()) {
            throw refuse(field, "must be an object, is " + kind(value));
        }
        return new Fields(value, where, path + field + ".");
    }

    List<Fields> objects(String field) {
        List<Fields> objects = new ArrayList<>();
        for (JsonNode value : list(field)) {
            String at = field + "[" + objects.size() + "]";
            if (!value.isObject()) {
                throw refuse(at, "must be an object, is " + kind(value));
            }
            objects.add(new Fields(value, where, path + at + "."));
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
            case STRING -> "empty text";
            case NUMBER -> "the number " + value;
            case BOOLEAN -> value.toString();
            case ARRAY -> "a list";
            case OBJECT -> "an object";
            default -> "null";
        };
    }
}
