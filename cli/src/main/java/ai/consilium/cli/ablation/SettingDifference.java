package ai.consilium.cli.ablation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Where two effective configurations differ. Pure.
 *
 * @param key its path
 * @param begun value in the first, "none" without one
 * @param now value in the second, likewise
 */
record SettingDifference(String key, String begun, String now) {
    private static final String INDENT = "  ";

    /** The first difference. @param begun YAML as a run keeps it @param now likewise */
    static Optional<SettingDifference> first(String begun, String now) {
        Map<String, String> before = leaves(begun);
        Map<String, String> after = leaves(now);
        Set<String> keys = new LinkedHashSet<>(before.keySet());
        keys.addAll(after.keySet());
        return keys.stream()
                .map(key ->
                        new SettingDifference(key, before.getOrDefault(key, "none"), after.getOrDefault(key, "none")))
                .filter(setting -> !setting.begun().equals(setting.now()))
                .findFirst();
    }

    /** Values by path; those of a list are joined under the path of the list. */
    private static Map<String, String> leaves(String yaml) {
        Map<String, String> leaves = new LinkedHashMap<>();
        List<String> path = new ArrayList<>();
        for (String line : yaml.lines().toList()) {
            String body = line.strip();
            int depth = (line.length() - line.stripLeading().length()) / INDENT.length();
            int colon = body.indexOf(':');
            boolean item = body.startsWith("-");
            path.subList(Math.min(depth, path.size()), path.size()).clear();
            if (!item && colon > 0) {
                path.add(body.substring(0, colon));
            }
            String value = item ? body.substring(1) : body.substring(colon + 1);
            if (!value.isBlank()) {
                leaves.merge(String.join(".", path), value.strip(), (one, other) -> one + ", " + other);
            }
        }
        return leaves;
    }

    @Override
    public String toString() {
        return key + ": " + begun + ", now " + now;
    }
}
