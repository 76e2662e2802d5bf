package ai.consilium.platform.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** YAML text to a tree that remembers its lines. Dotted keys open sections: {@code a.b: 1} is {@code a: {b: 1}}. */
final class YamlReader {
    private static final YAMLFactory YAML = new YAMLFactory();

    private final IntFunction<String> place;
    private final Problems problems;
    private final YAMLParser parser;

    private YamlReader(String text, IntFunction<String> place, Problems problems) throws IOException {
        this.parser = YAML.createParser(text);
        this.place = place;
        this.problems = problems;
    }

    /**
     * Reads a document whose root is a section; what is wrong with it goes to the problems.
     *
     * @param place names a line
     */
    static Node.Section section(String text, IntFunction<String> place, Problems problems) {
        Node root = node(text, place, problems);
        if (root instanceof Node.Section section) {
            return section;
        }
        if (!(root instanceof Node.Scalar scalar && scalar.isNull())) {
            problems.add(root.place(), "", "expected keys and values");
        }
        return Node.Section.empty(place.apply(1));
    }

    /** Reads any document; nothing at all is a null. */
    static Node node(String text, IntFunction<String> place, Problems problems) {
        Node nothing = new Node.Scalar("", true, place.apply(1));
        try {
            YamlReader reader = new YamlReader(text, place, problems);
            try (YAMLParser parser = reader.parser) {
                return parser.nextToken() == null ? nothing : reader.read("");
            }
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            String reason = e.getOriginalMessage().lines().findFirst().orElse("unreadable");
            problems.add(place.apply(line), "", "not YAML: " + reason);
            return nothing;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Node read(String path) throws IOException {
        String here = here();
        return switch (parser.currentToken()) {
            case START_OBJECT -> readSection(path, here);
            case START_ARRAY -> {
                List<Node> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(path + "[" + items.size() + "]"));
                }
                yield new Node.Items(items, here);
            }
            case VALUE_NULL -> new Node.Scalar("", true, here);
            default -> new Node.Scalar(parser.getText(), false, here);
        };
    }

    private Node.Section readSection(String path, String here) throws IOException {
        Node.Section section = Node.Section.empty(here);
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            String keyPlace = here();
            parser.nextToken();
            String childPath = path.isEmpty() ? key : path + "." + key;
            Node child = read(childPath).at(keyPlace);
            if (!Merge.put(section, List.of(key.split("\\.", -1)), child)) {
                problems.add(keyPlace, childPath, "is given twice");
            }
        }
        return section;
    }

    private String here() {
        return place.apply(parser.currentTokenLocation().getLineNr());
    }
}
