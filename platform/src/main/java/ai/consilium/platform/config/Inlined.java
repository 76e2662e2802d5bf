package ai.consilium.platform.config;

import java.lang.reflect.RecordComponent;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The records of {@link Inline} components: one that is declared, or one of several that a key chooses. */
final class Inlined {
    private Inlined() {}

    static boolean is(RecordComponent component) {
        return component.isAnnotationPresent(Inline.class);
    }

    /** Every record that the component may be. */
    static Stream<Class<?>> all(RecordComponent component) {
        Variant variant = component.getAnnotation(Variant.class);
        return variant == null ? Stream.of(component.getType()) : byName(variant).values().stream();
    }

    /** The record that it is in a section; empty where the key that decides has no such value. */
    static Optional<Class<?>> chosen(RecordComponent component, Node.Section section) {
        Variant variant = component.getAnnotation(Variant.class);
        if (variant == null) {
            return Optional.of(component.getType());
        }
        return value(variant, section).map(byName(variant)::get);
    }

    /** Whether the value that decides names no variant. */
    static boolean undecided(Class<?> record, Node.Section section) {
        return Arrays.stream(record.getRecordComponents())
                .filter(Inlined::is)
                .anyMatch(component -> component.isAnnotationPresent(Variant.class)
                        && value(component.getAnnotation(Variant.class), section)
                                .isPresent()
                        && chosen(component, section).isEmpty());
    }

    /** What decides which variants a section has, for people: {@code where type is rubric}. */
    static String choice(Class<?> record, Node.Section section) {
        return Arrays.stream(record.getRecordComponents())
                .map(component -> component.getAnnotation(Variant.class))
                .filter(Objects::nonNull)
                .flatMap(variant ->
                        value(variant, section).stream().map(value -> "where " + variant.by() + " is " + value))
                .collect(Collectors.joining(" and "));
    }

    private static Optional<String> value(Variant variant, Node.Section section) {
        return section.entries().get(variant.by()) instanceof Node.Scalar value
                ? Optional.of(value.text())
                : Optional.empty();
    }

    private static Map<String, Class<?>> byName(Variant variant) {
        try {
            return variant.of().getConstructor().newInstance().byName();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the variants " + variant.of().getName() + " cannot be made", e);
        }
    }
}
