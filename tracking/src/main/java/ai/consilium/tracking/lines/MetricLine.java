package ai.consilium.tracking.lines;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A line of metrics.jsonl: the figures of one version, or of its examination.
 *
 * @param specialty policy: a specialty's own, or unified
 * @param kind dsa, reinforcement, distillation or merge: how the version was made; validation: how it did
 * @param createdMs epoch milliseconds
 * @param figures by the names that {@code consilium steps} gives them
 */
public record MetricLine(
        String specialty,
        long version,
        String kind,
        @JsonProperty("created_ms") long createdMs,
        SortedMap<String, Double> figures) {
    /** How a version did on validation cases while the run went on. */
    public static final String VALIDATION = "validation";

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .build();

    /** Copies the map. */
    public MetricLine {
        figures = Collections.unmodifiableSortedMap(new TreeMap<>(figures));
    }

    /** What the line is about: a version has one of each kind. */
    static String key(JsonNode line) {
        return line.path("specialty").asText() + "@" + line.path("version").asLong() + " "
                + (line.path("kind").asText().equals(VALIDATION) ? VALIDATION : "");
    }

    /** As JSON, in one line. */
    public String toJson() {
        try {
            return JSON.writeValueAsString(this);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Reads {@link #toJson}. @throws IllegalArgumentException when it is something else */
    public static MetricLine fromJson(String line) {
        try {
            return JSON.readValue(line, MetricLine.class);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException(broken.getOriginalMessage(), broken);
        }
    }
}
