package ai.consilium.cli.config;

import ai.consilium.platform.UsageException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where two effective configurations differ. Pure.
 *
 * @param key its path
 * @param begun value in the first, "none" without one
 * @param now value in the second, likewise
 */
public record SettingDifference(String key, String begun, String now) {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .build();

    /** The first difference. @param begun YAML as a run keeps it @param now likewise */
    public static Optional<SettingDifference> first(String begun, String now) {
        return all(begun, now).stream().findFirst();
    }

    /** All differences. @param begun YAML as a run keeps it @param now likewise */
    public static List<SettingDifference> all(String begun, String now) {
        Map<String, String> before = leaves(begun);
        Map<String, String> after = leaves(now);
        Set<String> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        return keys.stream()
                .map(key ->
                        new SettingDifference(key, before.getOrDefault(key, "none"), after.getOrDefault(key, "none")))
                .filter(setting -> !setting.begun().equals(setting.now()))
                .toList();
    }

    /** Values of a configuration by path; those of a list are joined under the path of the list. */
    public static Map<String, String> leaves(String yaml) {
        Map<String, String> leaves = new LinkedHashMap<>();
        try {
            collect("", YAML.readTree(yaml), leaves);
        } catch (JsonProcessingException e) {
            throw new UsageException("a configuration that is kept cannot be read: " + e.getOriginalMessage(), e);
        }
        return leaves;
    }

    private static void collect(String path, JsonNode node, Map<String, String> leaves) {
        if (node.isContainerNode() && !node.isEmpty()) {
            node.properties()
                    .forEach(field -> collect(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), leaves));
            if (node.isArray()) {
                node.forEach(item -> collect(path, item, leaves));
            }
        } else {
            // Quoted, an empty text and an empty list can be told from each other, and from nothing.
            String value = node.isContainerNode() || node.asText().isEmpty() ? node.toString() : node.asText();
            leaves.merge(path, value, (one, other) -> one + ", " + other);
        }
    }

    @Override
    public String toString() {
        return key + ": " + begun + ", now " + now;
    }
}
