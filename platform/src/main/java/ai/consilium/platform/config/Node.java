package ai.consilium.platform.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A piece of configuration with the place where it was written. */
sealed interface Node {
    /** Where it was written: {@code file.yaml:12}, {@code --set a.b} or an environment variable. */
    String place();

    /** The same, written elsewhere: what stands under a key is found, by a reader, at its key. */
    Node at(String otherPlace);

    /** One value, as it was written. */
    record Scalar(String text, boolean isNull, String place) implements Node {
        @Override
        public Scalar at(String otherPlace) {
            return new Scalar(text, isNull, otherPlace);
        }
    }

    /** A list. */
    record Items(List<Node> items, String place) implements Node {
        @Override
        public Items at(String otherPlace) {
            return new Items(items, otherPlace);
        }
    }

    /** Keys and what stands under them; keys hold no dots. */
    record Section(Map<String, Node> entries, String place) implements Node {
        static Section empty(String place) {
            return new Section(new LinkedHashMap<>(), place);
        }

        @Override
        public Section at(String otherPlace) {
            return new Section(entries, otherPlace);
        }
    }
}
