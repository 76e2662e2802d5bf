package ai.consilium.reward.scorer;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.config.Variants;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The types of scorers of this process: those on the class path, and those of the plug-in directory that its configuration
 * names.
 */
public final class ScorerTypes implements Variants {
    private static final String AT = "@";
    private static final SortedMap<String, ScorerType> BUILT_IN = load();
    private static volatile SortedMap<String, PluggedType> plugged = Collections.emptySortedMap();

    /**
     * A type of a plug-in.
     *
     * @param type of its class loader
     * @param place of the plug-in, for people
     * @param sha256 of its jars: what scores, as the log names it
     */
    public record PluggedType(ScorerType type, String place, String sha256) {
        private String id() {
            return type.name() + AT + sha256;
        }
    }

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

    /**
     * Takes these types of plug-ins instead of those before.
     *
     * @throws UsageException when two types have one name
     */
    public static void plug(List<PluggedType> types) {
        SortedMap<String, PluggedType> byName = new TreeMap<>();
        for (PluggedType one : types) {
            String name = one.type().name();
            PluggedType other = byName.putIfAbsent(name, one);
            if (BUILT_IN.containsKey(name) || other != null) {
                throw new UsageException("reward.plugins: " + one.place() + ": type '" + name + "' is "
                        + (other == null ? "built in" : "also that of " + other.place()) + "; give it another name");
            }
        }
        plugged = Collections.unmodifiableSortedMap(byName);
    }

    /** All, those of plug-ins last. */
    public static List<ScorerType> all() {
        return Stream.concat(
                        BUILT_IN.values().stream(), plugged.values().stream().map(PluggedType::type))
                .toList();
    }

    /** Their names. */
    public static List<String> names() {
        return all().stream().map(ScorerType::name).toList();
    }

    /** SHA-256 of the plug-in that a definition's type is from; empty of one that is built in. */
    public static Optional<String> plugin(ScorerType.Definition definition) {
        return plugged.values().stream()
                .filter(one -> one.type().definition() == definition.getClass())
                .map(PluggedType::sha256)
                .findFirst();
    }

    /** What the log names the type of a definition by: its name, and for one of a plug-in what its jars contain. */
    static String idOf(Class<?> definition) {
        return Stream.concat(
                        BUILT_IN.values().stream()
                                .filter(type -> type.definition() == definition)
                                .map(ScorerType::name),
                        plugged.values().stream()
                                .filter(one -> one.type().definition() == definition)
                                .map(PluggedType::id))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(definition + " is of no type of scorer"));
    }

    /**
     * The definition's class of {@link #idOf}; null of a type that there is not.
     *
     * @throws UsageException when this process does not have the plug-in, or another version of it
     */
    static @Nullable Class<?> ofId(String id) {
        int at = id.indexOf(AT);
        if (at < 0) {
            ScorerType type = BUILT_IN.get(id);
            return type == null ? null : type.definition();
        }
        String name = id.substring(0, at);
        PluggedType here = plugged.get(name);
        if (here == null) {
            throw new UsageException("reward.plugins: the run's scoring configuration needs scorer type '" + name
                    + "' of a plug-in with SHA-256 " + id.substring(at + 1) + ", which is not there");
        }
        if (!here.id().equals(id)) {
            throw new UsageException("reward.plugins: " + here.place() + " has SHA-256 " + here.sha256()
                    + ", but the run's scoring configuration needs " + id.substring(at + 1) + " for scorer type '"
                    + name
                    + "': take the same files on every host");
        }
        return here.type().definition();
    }

    @Override
    public Map<String, Class<?>> byName() {
        Map<String, Class<?>> keys = new LinkedHashMap<>();
        all().forEach(type -> keys.put(type.name(), type.keys()));
        return keys;
    }
}
