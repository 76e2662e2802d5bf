package ai.consilium.tests;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** YAML as plain maps and lists, anchors and merge keys resolved. */
final class Yaml {
    private Yaml() {}

    /** A document whose root is a mapping; a key that stands twice is refused. */
    static Map<String, Object> mapping(String text) {
        LoaderOptions options = new LoaderOptions();
        options.setAllowDuplicateKeys(false);
        Object root = new org.yaml.snakeyaml.Yaml(new SafeConstructor(options)).load(text);
        return mapping(root);
    }

    /** What stands for a mapping; null for an empty one. */
    static Map<String, Object> mapping(@Nullable Object node) {
        Map<String, Object> entries = new LinkedHashMap<>();
        if (node != null) {
            ((Map<?, ?>) node).forEach((key, value) -> entries.put(String.valueOf(key), value));
        }
        return entries;
    }

    /** The texts of a list. */
    static List<String> texts(@Nullable Object node) {
        List<String> texts = new ArrayList<>();
        if (node != null) {
            ((List<?>) node).forEach(item -> texts.add(String.valueOf(item)));
        }
        return texts;
    }

    /** The mapping under a key. */
    static Map<String, Object> at(Map<String, Object> parent, String key) {
        return mapping(parent.get(key));
    }

    /** Scalars by their dotted path; lists stay whole, written as text. */
    static Map<String, String> leaves(Map<String, Object> root) {
        Map<String, String> leaves = new LinkedHashMap<>();
        root.forEach((key, value) -> {
            if (value instanceof Map<?, ?> inner && !inner.isEmpty()) {
                leaves(mapping(inner)).forEach((rest, leaf) -> leaves.put(key + "." + rest, leaf));
            } else {
                leaves.put(key, String.valueOf(value));
            }
        });
        return leaves;
    }
}
