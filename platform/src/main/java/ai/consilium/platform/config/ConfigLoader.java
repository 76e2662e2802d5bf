package ai.consilium.platform.config;

import ai.consilium.platform.UsageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a configuration: defaults, then files in order, then {@code CONSILIUM_*} variables, then {@code a.b=c} settings;
 * the later wins, sections are joined. Keys are the components of the record in snake case, durations are written
 * {@code 500ms|10s|5m|2h}, a {@code Map<String, String>} takes any keys, a record with a component
 * {@code Map<String, String> properties} passes the keys that it does not know on in their dotted spelling, and an
 * {@link Inline} component adds its keys to the section that it is part of, whichever record it is (see {@link Variant}).
 */
public final class ConfigLoader {
    private static final String ENVIRONMENT_PREFIX = "CONSILIUM_";

    /**
     * A configuration.
     *
     * @param config the validated records
     * @param shown the effective configuration as YAML, secrets hidden
     */
    public record Loaded<T>(T config, String shown) {}

    private ConfigLoader() {}

    /**
     * Reads and validates.
     *
     * @param root a record
     * @param defaults YAML on the class path: the first is complete, later ones lie over it
     * @param files YAML files, in order
     * @param environment {@code CONSILIUM_LOSS__CLIP_EPS_LOW} is {@code loss.clip_eps_low}; other names are ignored
     * @param sets {@code a.b=c}
     * @throws UsageException with every problem on a line of its own: {@code file.yaml:12: loss.clip_eps: unknown key, ...}
     */
    public static <T> T load(
            Class<T> root,
            List<String> defaults,
            List<Path> files,
            Map<String, String> environment,
            List<String> sets) {
        return read(root, defaults, files, environment, sets).config();
    }

    /** Like {@link #load}, with the effective configuration to show. */
    public static <T> Loaded<T> read(
            Class<T> root,
            List<String> defaults,
            List<Path> files,
            Map<String, String> environment,
            List<String> sets) {
        Problems problems = new Problems();
        Node.Section tree = tree(root, defaults, files, environment, sets, problems);
        Object config = new Binder(root, defaults, problems).bind(tree).orElse(null);
        problems.raise();
        if (config == null) {
            throw new IllegalStateException("no configuration and no problem");
        }
        return new Loaded<>(root.cast(config), YamlWriter.write(tree));
    }

    /**
     * The text that one key would have, before anything is checked; empty where it is none.
     *
     * @param key dotted
     */
    public static Optional<String> text(
            Class<?> root,
            List<String> defaults,
            List<Path> files,
            Map<String, String> environment,
            List<String> sets,
            String key) {
        @Nullable Node node = tree(root, defaults, files, environment, sets, new Problems());
        for (String part : key.split("\\.", -1)) {
            node = node instanceof Node.Section section ? section.entries().get(part) : null;
        }
        return node instanceof Node.Scalar scalar && !scalar.isNull() ? Optional.of(scalar.text()) : Optional.empty();
    }

    private static Node.Section tree(
            Class<?> root,
            List<String> defaults,
            List<Path> files,
            Map<String, String> environment,
            List<String> sets,
            Problems problems) {
        Node.Section tree = Node.Section.empty(defaults.get(0) + ":1");
        for (String resource : defaults) {
            lay(root, resource(resource, problems), tree);
        }
        for (Path file : files) {
            lay(root, file(file, problems), tree);
        }
        lay(root, environment(environment, problems), tree);
        for (String set : sets) {
            lay(root, set(set, problems), tree);
        }
        return tree;
    }

    private static void lay(Class<?> root, Node.Section source, Node.Section tree) {
        Merge.lay(PassThrough.settle(source, root), tree);
    }

    private static Node.Section resource(String resource, Problems problems) {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream stream = loader.getResourceAsStream(resource)) {
            if (stream == null) {
                throw new IllegalStateException("no resource " + resource + " on the class path");
            }
            String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            return YamlReader.section(text, line -> resource + ":" + line, problems);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Node.Section file(Path file, Problems problems) {
        try {
            return YamlReader.section(Files.readString(file), line -> file + ":" + line, problems);
        } catch (IOException e) {
            problems.add(
                    file.toString(), "", Files.exists(file) ? "cannot be read: " + e.getMessage() : "no such file");
            return Node.Section.empty(file.toString());
        }
    }

    private static Node.Section environment(Map<String, String> environment, Problems problems) {
        Node.Section section = Node.Section.empty("environment");
        new TreeMap<>(environment).forEach((name, value) -> {
            if (name.startsWith(ENVIRONMENT_PREFIX)) {
                String key = name.substring(ENVIRONMENT_PREFIX.length()).toLowerCase(Locale.ROOT);
                put(section, key.replace("__", "."), value, name, problems);
            }
        });
        return section;
    }

    private static Node.Section set(String set, Problems problems) {
        Node.Section section = Node.Section.empty("--set");
        int equals = set.indexOf('=');
        if (equals < 1) {
            problems.add("--set", set, "expected KEY=VALUE");
        } else {
            put(section, set.substring(0, equals).strip(), set.substring(equals + 1), "--set", problems);
        }
        return section;
    }

    private static void put(Node.Section section, String key, String value, String place, Problems problems) {
        // Lists and sections may be written in YAML's flow style; anything else is taken as it stands.
        boolean flow = value.startsWith("[") || value.startsWith("{");
        Node node = flow
                ? YamlReader.node(value, line -> place, problems)
                : new Node.Scalar(value, value.equals("null") || value.equals("~"), place);
        if (!Merge.put(section, List.of(key.split("\\.", -1)), node)) {
            problems.add(place, key, "is given twice");
        }
    }
}
