package ai.consilium.reward.scorer;

import ai.consilium.platform.config.Variants;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;

/** The types of scorers on the class path. */
public final class ScorerTypes implements Variants {
    private static final SortedMap<String, ScorerType> BY_NAME = load();

    private static SortedMap<String, ScorerType> load() {
        SortedMap<String, ScorerType> byName = new TreeMap<>();
        for (ScorerType type : ServiceLoader.load(ScorerType.class, ScorerType.class.getClassLoader())) {
            ScorerType other = byName.putIfAbsent(type.name(), type);
            if (other != null) {
                throw new IllegalStateException("scorer type " + type.name() + " is defined by both "
                        + other.getClass().getName() + " and " + type.getClass().getName());
            }
        }
        return Collections.unmodifiableSortedMap(byName);
    }

    /** All, by name. */
    public static List<ScorerType> all() {
        return List.copyOf(BY_NAME.values());
    }

    /** Their names, sorted. */
    public static List<String> names() {
        return List.copyOf(BY_NAME.keySet());
    }

    @Override
    public Map<String, Class<?>> byName() {
        Map<String, Class<?>> keys = new LinkedHashMap<>();
        BY_NAME.forEach((name, type) -> keys.put(name, type.keys()));
        return keys;
    }
}
