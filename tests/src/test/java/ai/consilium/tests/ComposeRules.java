package ai.consilium.tests;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The part of the Compose specification (compose-spec.io, chapters "Services" and "Volumes") that our file uses: keys,
 * the shapes of their values, and that names lead somewhere. Stricter than Compose where a slip would go unseen.
 */
final class ComposeRules {
    private static final Pattern DURATION = Pattern.compile("(\\d+(ms|s|m|h))+");
    private static final Pattern RESTART = Pattern.compile("no|always|unless-stopped|on-failure(:\\d+)?");
    private static final Pattern PORT = Pattern.compile("([0-9.]+:)?\\d{1,5}:\\d{1,5}");
    private static final Pattern VOLUME = Pattern.compile("([^:]+:)?/[^:]*(:ro|:rw)?");
    private static final Pattern TMPFS = Pattern.compile("/[^:]+(:[a-z0-9=,]+)?");
    private static final Pattern USER = Pattern.compile("\\d+(:\\d+)?");
    private static final Set<String> CONDITIONS =
            Set.of("service_started", "service_healthy", "service_completed_successfully");
    private static final Set<String> TOP = Set.of("name", "services", "volumes");

    private static final Map<String, Predicate<Object>> SERVICE = Map.ofEntries(
            Map.entry("image", ComposeRules::text),
            Map.entry("build", node -> hasOnly(node, Set.of("context", "dockerfile", "target", "args"))),
            Map.entry("command", node -> text(node) || texts(node, ".*")),
            Map.entry("environment", ComposeRules::environment),
            Map.entry("depends_on", node -> node instanceof Map),
            Map.entry("volumes", node -> texts(node, VOLUME.pattern())),
            Map.entry("ports", node -> texts(node, PORT.pattern())),
            Map.entry("healthcheck", ComposeRules::healthcheck),
            Map.entry("restart", node -> matches(node, RESTART)),
            Map.entry("user", node -> matches(node, USER)),
            Map.entry("read_only", node -> node instanceof Boolean),
            Map.entry("cap_drop", node -> texts(node, "[A-Z_]+")),
            Map.entry("security_opt", node -> texts(node, "[a-z-]+:[a-z]+")),
            Map.entry("tmpfs", node -> texts(node, TMPFS.pattern())));

    private final List<String> problems = new ArrayList<>();

    private ComposeRules() {}

    /** What is wrong, a line each. */
    static List<String> problems(Map<String, Object> file) {
        ComposeRules rules = new ComposeRules();
        file.keySet().stream()
                .filter(key -> !TOP.contains(key) && !key.startsWith("x-"))
                .forEach(key -> rules.problems.add(key + ": unknown key"));
        Map<String, Object> services = Yaml.at(file, "services");
        if (services.isEmpty()) {
            rules.problems.add("services: none");
        }
        services.forEach((name, service) -> rules.service(name, Yaml.mapping(service), file));
        return rules.problems;
    }

    private void service(String name, Map<String, Object> service, Map<String, Object> file) {
        service.forEach((key, value) -> {
            Predicate<Object> shape = SERVICE.get(key);
            if (shape == null) {
                problems.add("services." + name + "." + key + ": unknown key");
            } else if (value == null || !shape.test(value)) {
                problems.add("services." + name + "." + key + ": has the wrong shape: " + value);
            }
        });
        if (!service.containsKey("image") && !service.containsKey("build")) {
            problems.add("services." + name + ": has neither image nor build");
        }
        dependencies(name, service, Yaml.at(file, "services"));
        namedVolumes(name, service, Yaml.at(file, "volumes").keySet());
    }

    private void dependencies(String name, Map<String, Object> service, Map<String, Object> services) {
        if (!(service.get("depends_on") instanceof Map<?, ?> dependencies)) {
            return;
        }
        Yaml.mapping(dependencies).forEach((other, how) -> {
            String place = "services." + name + ".depends_on." + other;
            if (!services.containsKey(other)) {
                problems.add(place + ": no such service");
                return;
            }
            String condition = String.valueOf(Yaml.mapping(how).get("condition"));
            if (!CONDITIONS.contains(condition)) {
                problems.add(place + ": has the unknown condition " + condition);
            } else if (condition.equals("service_healthy")
                    && !Yaml.at(services, other).containsKey("healthcheck")) {
                problems.add(place + ": waits for health, but " + other + " has no healthcheck");
            }
        });
    }

    private void namedVolumes(String name, Map<String, Object> service, Set<String> declared) {
        if (service.get("volumes") instanceof List<?> volumes) {
            Yaml.texts(volumes).stream()
                    .map(volume -> volume.split(":", 2)[0])
                    .filter(source -> !source.startsWith(".") && !source.startsWith("/") && !declared.contains(source))
                    .forEach(source -> problems.add("services." + name + ".volumes: " + source + " is not declared"));
        }
    }

    private static boolean text(@Nullable Object node) {
        return node instanceof String text && !text.isBlank();
    }

    private static boolean matches(@Nullable Object node, Pattern pattern) {
        return node instanceof String text && pattern.matcher(text).matches();
    }

    private static boolean texts(@Nullable Object node, String pattern) {
        return node instanceof List<?> items
                && !items.isEmpty()
                && items.stream().allMatch(item -> item instanceof String text && text.matches(pattern));
    }

    private static boolean hasOnly(@Nullable Object node, Set<String> keys) {
        return node instanceof Map<?, ?> map && keys.containsAll(map.keySet());
    }

    /** Compose takes no bare booleans here: they must be quoted. */
    private static boolean environment(@Nullable Object node) {
        return node instanceof Map<?, ?> map
                && map.values().stream().allMatch(value -> value instanceof String || value instanceof Number);
    }

    private static boolean healthcheck(@Nullable Object node) {
        if (!hasOnly(node, Set.of("test", "interval", "timeout", "retries", "start_period"))) {
            return false;
        }
        Map<String, Object> check = Yaml.mapping(node);
        boolean command = texts(check.get("test"), ".*")
                && Set.of("CMD", "CMD-SHELL")
                        .contains(Yaml.texts(check.get("test")).get(0));
        boolean durations = check.entrySet().stream()
                .filter(entry -> !Set.of("test", "retries").contains(entry.getKey()))
                .allMatch(entry -> matches(entry.getValue(), DURATION));
        return command && durations && (check.get("retries") == null || check.get("retries") instanceof Integer);
    }
}
