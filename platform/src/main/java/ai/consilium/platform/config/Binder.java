package ai.consilium.platform.config;

import ai.consilium.platform.EditDistance;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A tree to records. Goes on after a problem, so that all are found; a record is built only from sound parts. */
final class Binder {
    private final Class<?> root;
    private final List<String> defaults;
    private final Problems problems;

    /** @param defaults resources that the values came from which nobody chose */
    Binder(Class<?> root, List<String> defaults, Problems problems) {
        this.root = root;
        this.defaults = List.copyOf(defaults);
        this.problems = problems;
    }

    /** Empty when there was a problem, which was noted. */
    Optional<Object> bind(Node.Section section) {
        return record(root, section, "");
    }

    private Optional<Object> record(Class<?> record, Node.Section section, String path) {
        int before = problems.count();
        reportUnknown(record, section, path);
        return record(record, section, path, problems.count() == before);
    }

    /**
     * A record from a section that may have keys of other records too.
     *
     * @param build false where the section has unknown keys: one may stand for a key whose default would be refused
     */
    private Optional<Object> record(Class<?> record, Node.Section section, String path, boolean build) {
        int before = problems.count();
        RecordComponent[] components = record.getRecordComponents();
        @Nullable Object[] arguments = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            Optional<Object> argument = Inlined.is(components[i])
                    ? Inlined.chosen(components[i], section).flatMap(type -> record(type, section, path, build))
                    : component(components[i], section, path);
            arguments[i] = argument.orElse(null);
        }
        return build && problems.count() == before ? build(record, arguments, section, path) : Optional.empty();
    }

    private Optional<Object> component(RecordComponent component, Node.Section section, String path) {
        String key = Keys.of(component);
        String childPath = full(path, key);
        Node node = section.entries().get(key);
        if (node == null) {
            if (!nullable(component)) {
                problems.add(section.place(), childPath, "is missing");
            }
            return Optional.empty();
        }
        return isNull(node) && nullable(component)
                ? Optional.empty()
                : value(component.getGenericType(), node, childPath);
    }

    private static String full(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    private static boolean nullable(RecordComponent component) {
        return component.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    private static boolean isNull(Node node) {
        return node instanceof Node.Scalar scalar && scalar.isNull();
    }

    private void reportUnknown(Class<?> record, Node.Section section, String path) {
        if (Inlined.undecided(record, section)) {
            // Which keys there are is not known; the record refuses the value that should tell.
            return;
        }
        List<String> known = Keys.of(record, section);
        List<String> ofAnyVariant = Keys.of(record);
        section.entries().forEach((key, node) -> {
            if (!known.contains(key) && ofAnyVariant.contains(key)) {
                problems.add(node.place(), full(path, key), "does not apply " + Inlined.choice(record, section));
            } else if (!known.contains(key)) {
                reportUnknown(key, node, path, record);
            }
        });
        if (Keys.passesThrough(record) && section.entries().get(Keys.PASS_THROUGH) instanceof Node.Section others) {
            // What passes through cannot be checked, but a word that is nearly a key of ours is a slip.
            others.entries().forEach((key, node) -> {
                if (known.stream().anyMatch(name -> EditDistance.between(key, name) <= 2)) {
                    reportUnknown(key, node, path, record);
                }
            });
        }
    }

    private void reportUnknown(String key, Node node, String path, Class<?> record) {
        String suggestion = Keys.nearest(key, path, record, root)
                .map(known -> ", did you mean " + known + "?")
                .orElse("");
        problems.add(node.place(), full(path, key), "unknown key" + suggestion);
    }

    private Optional<Object> value(Type type, Node node, String path) {
        if (type instanceof ParameterizedType generic) {
            Type[] arguments = generic.getActualTypeArguments();
            return generic.getRawType() == List.class ? list(arguments[0], node, path) : map(arguments[1], node, path);
        }
        Class<?> simple = (Class<?>) type;
        if (simple.isRecord()) {
            if (node instanceof Node.Section section) {
                return record(simple, section, path);
            }
            return refuse(node, path, "keys and values");
        }
        if (node instanceof Node.Scalar hidden && hidden.text().contains(Secrets.HIDDEN)) {
            // A configuration that was shown, or kept with a run, is without its secrets: better asked for than
            // guessed.
            problems.add(
                    node.place(),
                    path,
                    "is a secret, which is not stored: set it again, preferably through the environment");
            return Optional.empty();
        }
        if (node instanceof Node.Scalar scalar && !scalar.isNull()) {
            Optional<Object> value = ScalarReader.read(scalar.text(), simple);
            return value.isPresent() ? value : refuse(node, path, ScalarReader.expected(simple));
        }
        return refuse(node, path, ScalarReader.expected(simple));
    }

    private Optional<Object> list(Type element, Node node, String path) {
        List<Node> items;
        if (node instanceof Node.Items written) {
            items = written.items();
        } else if (node instanceof Node.Scalar scalar && !scalar.isNull()) {
            // From the environment or the command line: a,b,c.
            items = Arrays.stream(scalar.text().split(","))
                    .map(String::strip)
                    .filter(text -> !text.isEmpty())
                    .<Node>map(text -> new Node.Scalar(text, false, scalar.place()))
                    .toList();
        } else {
            return refuse(node, path, "a list");
        }
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < items.size(); i++) {
            value(element, items.get(i), path + "[" + i + "]").ifPresent(values::add);
        }
        return Optional.of(values);
    }

    private Optional<Object> map(Type element, Node node, String path) {
        if (!(node instanceof Node.Section section)) {
            return isNull(node) ? Optional.of(Map.of()) : refuse(node, path, "keys and values");
        }
        Map<String, Node> entries = element == String.class ? PassThrough.flatten(section) : section.entries();
        Map<String, Object> values = new LinkedHashMap<>();
        entries.forEach(
                (key, entry) -> value(element, entry, path + "." + key).ifPresent(value -> values.put(key, value)));
        return Optional.of(values);
    }

    private Optional<Object> refuse(Node node, String path, String expected) {
        String found;
        if (node instanceof Node.Scalar scalar) {
            found = scalar.isNull() ? "nothing" : "'" + (Secrets.hides(path) ? Secrets.HIDDEN : scalar.text()) + "'";
        } else {
            found = node instanceof Node.Items ? "a list" : "keys and values";
        }
        problems.add(node.place(), path, "expected " + expected + ", found " + found);
        return Optional.empty();
    }

    private Optional<Object> build(Class<?> record, @Nullable Object[] arguments, Node.Section section, String path) {
        try {
            Class<?>[] types = Arrays.stream(record.getRecordComponents())
                    .map(RecordComponent::getType)
                    .toArray(Class<?>[]::new);
            Constructor<?> constructor = record.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return Optional.of(constructor.newInstance(arguments));
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                reportRefusal(record, String.valueOf(refusal.getMessage()), section, path);
                return Optional.empty();
            }
            throw new IllegalStateException("configuration record " + record.getName() + " failed", e.getCause());
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("configuration record " + record.getName() + " cannot be built", e);
        }
    }

    /** The constructor's message names the key, first of all if it can: its line is the problem's line. */
    private void reportRefusal(Class<?> record, String message, Node.Section section, String path) {
        Map<String, Node> leaves = PassThrough.flatten(section);
        String dotted = message.split("[^a-z0-9_.]", 2)[0];
        String first = leaves.containsKey(dotted) ? dotted : message.split("[^a-z0-9_]", 2)[0];
        String key = culprit(record, message, first, leaves);
        Node node = leaves.getOrDefault(key, section.entries().getOrDefault(key, section));
        String rest = key.isEmpty() || !key.equals(first)
                ? message
                : message.substring(first.length()).strip();
        problems.add(
                node.place(),
                key.isEmpty() ? path : full(path, key),
                rest.startsWith(":") ? rest.substring(1).strip() : rest);
    }

    /**
     * Defaults fit each other: where a message begins with a key that was left at its default, it is another of the keys
     * that it names which somebody set and can mend.
     */
    private String culprit(Class<?> record, String message, String first, Map<String, Node> leaves) {
        boolean known = first.contains(".") || Keys.of(record).contains(first);
        Node node = leaves.get(first);
        if (known && (node == null || !isDefault(node))) {
            return first;
        }
        List<Map.Entry<String, Node>> named = leaves.entrySet().stream()
                .filter(leaf ->
                        message.matches("(?s)(.*[^a-z0-9_.])?" + Pattern.quote(leaf.getKey()) + "([^a-z0-9_].*)?"))
                .toList();
        return named.stream()
                .filter(leaf -> !isDefault(leaf.getValue()))
                .findFirst()
                .or(() -> named.stream().findFirst())
                .map(leaf -> known && isDefault(leaf.getValue()) ? first : leaf.getKey())
                .orElse(known ? first : "");
    }

    private boolean isDefault(Node node) {
        return defaults.stream().anyMatch(resource -> node.place().startsWith(resource + ":"));
    }
}
