package ai.consilium.platform.chat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Fields of a request that only some servers know, as a user writes them: one JSON object. */
public final class ExtraFields {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ExtraFields() {}

    /**
     * Reads them.
     *
     * @param option that holds them, for messages
     * @param written null: none
     * @throws IllegalArgumentException naming the option, when they are no object
     */
    public static SortedMap<String, JsonNode> read(String option, @Nullable String written) {
        SortedMap<String, JsonNode> fields = new TreeMap<>();
        if (written == null) {
            return fields;
        }
        try {
            JsonNode given = JSON.readTree(written);
            if (!given.isObject()) {
                throw new IllegalArgumentException(option + ": must be a JSON object, for example {\"stop\": \"END\"}");
            }
            given.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
            return fields;
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(option + ": broken JSON: " + e.getOriginalMessage(), e);
        }
    }
}
