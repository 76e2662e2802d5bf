package ai.consilium.platform.config;

import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

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
        return Arrays.stream(record.getRecordComponents()).map(Keys::of).toList();
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
                .min(Comparator.comparingInt(known -> distance(key, known)))
                .map(known -> section.isEmpty() ? known : section + "." + known);
        return sibling.or(() -> everywhere(root, "").stream()
                .filter(path -> path.equals(key) || path.endsWith("." + key))
                .findFirst());
    }

    private static List<String> everywhere(Type type, String prefix) {
        List<String> paths = new ArrayList<>();
        if (type instanceof Class<?> record && record.isRecord()) {
            for (RecordComponent component : record.getRecordComponents()) {
                String path = prefix.isEmpty() ? of(component) : prefix + "." + of(component);
                paths.add(path);
                paths.addAll(everywhere(component.getGenericType(), path));
            }
        }
        return paths;
    }

    private static boolean near(String key, String known) {
        boolean beginsAlike = key.length() > 2 && (known.startsWith(key) || key.startsWith(known));
        return beginsAlike || distance(key, known) <= Math.max(1, Math.min(key.length(), known.length()) / 3);
    }

    /** Edits from one word to the other: insertions, deletions, substitutions. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        Arrays.setAll(previous, i -> i);
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int substituted = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(substituted, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
