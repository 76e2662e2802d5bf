package ai.consilium.platform.config;

import java.lang.reflect.RecordComponent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Sections that pass keys on in their own dotted spelling. Brought into one form before sources are merged: known keys
 * under their own names ({@code bootstrap.servers} is {@code bootstrap_servers}), all others, dotted, under
 * {@code properties}.
 */
final class PassThrough {
    private PassThrough() {}

    /** The section of a record with every pass-through section in it brought into form. */
    static Node.Section settle(Node.Section section, Class<?> record) {
        if (Keys.passesThrough(record)) {
            return gather(section, record);
        }
        Node.Section settled = Node.Section.empty(section.place());
        section.entries().forEach((key, node) -> {
            Optional<Class<?>> inner = recordAt(record, key);
            boolean descend = inner.isPresent() && node instanceof Node.Section;
            settled.entries().put(key, descend ? settle((Node.Section) node, inner.get()) : node);
        });
        return settled;
    }

    private static Optional<Class<?>> recordAt(Class<?> record, String key) {
        return Keys.components(record)
                .filter(component -> Keys.of(component).equals(key))
                .<Class<?>>map(RecordComponent::getType)
                .filter(Class::isRecord)
                .findFirst();
    }

    private static Node.Section gather(Node.Section section, Class<?> record) {
        List<String> known = Keys.of(record);
        Node.Section settled = Node.Section.empty(section.place());
        Node.Section others = Node.Section.empty(section.place());
        flatten(section).forEach((key, node) -> {
            String name = key.replace('.', '_');
            if (known.contains(name)) {
                settled.entries().put(name, node);
            } else {
                String stripped =
                        key.startsWith(Keys.PASS_THROUGH + ".") ? key.substring(Keys.PASS_THROUGH.length() + 1) : key;
                others.entries().put(stripped, node);
            }
        });
        settled.entries().put(Keys.PASS_THROUGH, others);
        return settled;
    }

    /** Everything under a section by its dotted path from there. */
    static Map<String, Node> flatten(Node.Section section) {
        Map<String, Node> flat = new LinkedHashMap<>();
        section.entries().forEach((key, node) -> {
            if (node instanceof Node.Section inner) {
                flatten(inner).forEach((rest, leaf) -> flat.put(key + "." + rest, leaf));
            } else {
                flat.put(key, node);
            }
        });
        return flat;
    }
}
