package ai.consilium.platform.config;

import ai.consilium.platform.EditDistance;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** The keys that a configuration record has, as they stand in YAML. */
final class Keys {
    /** Component that takes the keys that its section does not know. */
    static final String PASS_THROUGH = "properties";

    private Keys() {}

    /** {@code maxOffPolicySteps} is {@code max_off_policy_steps}. */
    static String of(RecordComponent component) {
        return snake(component.getName());
    }

    static String snake(String name) {
        return name.replaceAll("([a-z0-9])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    }

    static List<String> of(Class<?> record) {
        return components(record).map(Keys::of).distinct().toList();
    }

    /** Keys that the record has in a section: those of other variants are not among them. */
    static List<String> of(Class<?> record, Node.Section section) {
        return components(
                        record,
                        inline -> Inlined.chosen(inline, section)
                                .<Stream<Class<?>>>map(Stream::of)
                                .orElseGet(() -> Inlined.all(inline)))
                .map(Keys::of)
                .distinct()
                .toList();
    }

    /** The components that have a key in the record's section: those of its {@link Inline} records among them. */
    static Stream<RecordComponent> components(Class<?> record) {
        return components(record, Inlined::all);
    }

    private static Stream<RecordComponent> components(
            Class<?> record, Function<RecordComponent, Stream<Class<?>>> inlined) {
        return Arrays.stream(record.getRecordComponents())
                .flatMap(component -> Inlined.is(component)
                        ? inlined.apply(component).flatMap(type -> components(type, inlined))
                        : Stream.of(component));
    }

    /** Whether unknown keys of this section are passed on in their own spelling. */
    static boolean passesThrough(Class<?> record) {
        return Arrays.stream(record.getRecordComponents())
                .anyMatch(component -> component.getName().equals(PASS_THROUGH) && component.getType() == Map.class);
    }

    /** The known key that was probably meant: a sibling, or a key of the same name elsewhere. */
    static Optional<String> nearest(String key, String section, Class<?> record, Class<?> root) {
        Optional<String> sibling = of(record).stream()
                .filter(known -> near(key, known))
                .min(Comparator.comparingInt(known -> EditDistance.between(key, known)))
                .map(known -> section.isEmpty() ? known : section + "." + known);
        return sibling.or(() -> everywhere(root, "").stream()
                .filter(path -> path.equals(key) || path.endsWith("." + key))
                .findFirst());
    }

    private static List<String> everywhere(Type type, String prefix) {
        List<String> paths = new ArrayList<>();
        if (type instanceof Class<?> record && record.isRecord()) {
            components(record).forEach(component -> {
                String path = prefix.isEmpty() ? of(component) : prefix + "." + of(component);
                paths.add(path);
                paths.addAll(everywhere(component.getGenericType(), path));
            });
        }
        return paths;
    }

    private static boolean near(String key, String known) {
        boolean beginsAlike = key.length() > 2 && (known.startsWith(key) || key.startsWith(known));
        return beginsAlike
                || EditDistance.between(key, known) <= Math.max(1, Math.min(key.length(), known.length()) / 3);
    }
}
