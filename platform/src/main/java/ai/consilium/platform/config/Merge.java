package ai.consilium.platform.config;

import java.util.List;

/** Laying one tree over another: sections are joined, everything else is replaced. */
final class Merge {
    private Merge() {}

    /** Lays {@code over} upon {@code base}, which changes. */
    static void lay(Node.Section over, Node.Section base) {
        over.entries().forEach((key, node) -> {
            Node below = base.entries().get(key);
            if (node instanceof Node.Section upper && below instanceof Node.Section lower) {
                Node.Section joined = new Node.Section(lower.entries(), upper.place());
                lay(upper, joined);
                base.entries().put(key, joined);
            } else {
                base.entries().put(key, node);
            }
        });
    }

    /** Puts a node under a path within one source. False when something stands there already. */
    static boolean put(Node.Section root, List<String> path, Node node) {
        Node.Section section = root;
        for (String key : path.subList(0, path.size() - 1)) {
            Node next = section.entries().computeIfAbsent(key, name -> Node.Section.empty(node.place()));
            if (!(next instanceof Node.Section inner)) {
                return false;
            }
            section = inner;
        }
        String last = path.get(path.size() - 1);
        Node present = section.entries().get(last);
        if (present instanceof Node.Section lower && node instanceof Node.Section upper) {
            return upper.entries().entrySet().stream()
                    .allMatch(entry -> put(lower, List.of(entry.getKey()), entry.getValue()));
        }
        return section.entries().putIfAbsent(last, node) == null;
    }
}
