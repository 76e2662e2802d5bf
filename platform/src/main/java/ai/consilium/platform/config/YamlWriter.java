package ai.consilium.platform.config;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.util.regex.Pattern;

/** A tree to YAML that a configuration file could hold, secrets hidden. */
final class YamlWriter {
    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./+-]([A-Za-z0-9_./+@ -]*[A-Za-z0-9_./+-])?");

    private final StringBuilder text = new StringBuilder();

    private YamlWriter() {}

    static String write(Node.Section root) {
        YamlWriter writer = new YamlWriter();
        writer.section(root, 0);
        return writer.text.toString();
    }

    private void section(Node.Section section, int depth) {
        section.entries().forEach((key, node) -> {
            text.append("  ".repeat(depth)).append(key).append(":");
            child(key, node, depth);
        });
    }

    private void child(String key, Node node, int depth) {
        if (node instanceof Node.Scalar scalar) {
            text.append(' ').append(scalar(key, scalar)).append('\n');
        } else if (node instanceof Node.Section inner) {
            text.append(inner.entries().isEmpty() ? " {}\n" : "\n");
            section(inner, depth + 1);
        } else if (node instanceof Node.Items list) {
            items(key, list, depth);
        }
    }

    private void items(String key, Node.Items list, int depth) {
        text.append(list.items().isEmpty() ? " []\n" : "\n");
        for (Node item : list.items()) {
            text.append("  ".repeat(depth + 1)).append("-");
            child(key, item, depth + 1);
        }
    }

    private static String scalar(String key, Node.Scalar scalar) {
        if (scalar.isNull()) {
            return "null";
        }
        String shown = Secrets.shown(key, scalar.text());
        return PLAIN.matcher(shown).matches()
                ? shown
                : '"' + new String(JsonStringEncoder.getInstance().quoteAsString(shown)) + '"';
    }
}
