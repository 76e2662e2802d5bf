package ai.consilium.tests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The metrics that the dashboard's panels and the alert rules under docker/ ask for, and those that a process has. */
final class NamedMetrics {
    static final Path RULES = Path.of("..", "docker", "prometheus", "rules.yml");
    static final Path DASHBOARD = Path.of("..", "docker", "grafana", "dashboards", "consilium.json");
    /** A metric stands where neither a label's name nor a function does. */
    private static final Pattern METRIC = Pattern.compile("\\b(?:consilium|jvm|process)_[a-z0-9_]+\\b");

    private static final Pattern NOT_METRICS = Pattern.compile("\\{[^}]*}|\\b(?:by|without) \\([^)]*\\)");

    private NamedMetrics() {}

    /** By the panels of the dashboard. */
    static Set<String> ofDashboard() throws IOException {
        JsonNode dashboard = new ObjectMapper().readTree(DASHBOARD.toFile());
        return in(dashboard.findValuesAsText("expr"));
    }

    /** By the alert rules. */
    static Set<String> ofRules() throws IOException {
        Map<String, Object> file = Yaml.mapping(Files.readString(RULES));
        return in(((List<?>) Objects.requireNonNull(file.get("groups")))
                .stream()
                        .flatMap(group -> ((List<?>) Objects.requireNonNull(
                                        Yaml.mapping(group).get("rules")))
                                .stream())
                        .map(rule -> String.valueOf(Yaml.mapping(rule).get("expr")))
                        .toList());
    }

    private static Set<String> in(List<String> expressions) {
        Set<String> names = new TreeSet<>();
        for (String expression : expressions) {
            Matcher matcher = METRIC.matcher(NOT_METRICS.matcher(expression).replaceAll(" "));
            while (matcher.find()) {
                names.add(matcher.group());
            }
        }
        return names;
    }

    /** Of the samples in what {@code /metrics} answers. */
    static Set<String> in(String scrape) {
        return scrape.lines()
                .filter(line -> !line.startsWith("#") && !line.isBlank())
                .map(line -> line.split("[{ ]", 2)[0])
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
