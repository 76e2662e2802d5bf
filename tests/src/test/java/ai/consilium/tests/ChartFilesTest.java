package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cli.run.RoleFactory.Role;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The Helm chart against its schema, the program and the files of docker/, without Helm; {@link ChartRenderTest} asks Helm. */
class ChartFilesTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String WRITE = "consilium.docs.write";

    /** Run id that stands in the generated files for that of the values. */
    private static final String RUN = "run_id=run-id";

    /** Name of a variable and what follows: a value that is no template, or nothing. */
    private static final Pattern VARIABLE =
            Pattern.compile("- name: (CONSILIUM_\\w+)\\n\\s+value(?:From)?: *\"?([^\\n{\"]*)");

    @TempDir
    private Path dir;

    @Test
    void givenTheSchemaWhenCheckedThenItIsOneAndTakesTheValues() throws IOException {
        JsonNode schema = JSON.readTree(Chart.file("values.schema.json"));
        SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
        assertThat(registry.getSchema(
                                com.networknt.schema.SchemaLocation.of(SpecificationVersion.DRAFT_7.getDialectId()))
                        .validate(schema))
                .isEmpty();
        assertThat(problems(Chart.values())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "runId, First",
        "replicas, 2",
        "strimzi.cluser, kafka",
        "roles.merger.replicas, 2",
        "roles.rollout.replicas, 0",
        "roles.learner.state, plenty",
        "config.schema_registry.url, http://elsewhere",
        "config.kafka.sasl.jaas.config, secret",
        "config.monitor.webhook, https://hooks.example.org/secret",
        "secretEnv.learners.KEY.name, a",
        "monitor.port, 80"
    })
    void givenAValueThatCannotBeWhenCheckedThenTheSchemaRefusesIt(String key, String value) throws IOException {
        Map<String, Object> values = Chart.values();
        put(values, List.of(key.split("\\.")), value.matches("\\d+") ? Integer.valueOf(value) : value);
        assertThat(problems(values)).as(key).isNotEmpty();
    }

    @Test
    void givenTheRolesWhenComparedThenTheyAreTheProgrammes() throws IOException {
        assertThat(Yaml.at(Chart.values(), "roles").keySet()).containsExactlyInAnyOrderElementsOf(Role.labels());
        Matcher listed = Pattern.compile("range \\$role := list (.*?) }}").matcher(Chart.file("templates/roles.yaml"));
        Set<String> run = new HashSet<>();
        while (listed.find()) {
            Stream.of(listed.group(1).split(" ")).forEach(name -> run.add(name.replace("\"", "")));
        }
        assertThat(run).containsExactlyInAnyOrderElementsOf(Role.labels());
    }

    @ParameterizedTest
    @ValueSource(strings = {"scheduler", "rollout", "reward", "advantage", "learner", "merger", "monitor"})
    void givenTheConfigurationAndTheEnvironmentWhenRunDryThenTheRealCommandLineTakesThem(String role)
            throws IOException {
        Map<String, String> given = new HashMap<>(Map.of(
                "CONSILIUM_INSTANCE", "trial-learner-0",
                "CONSILIUM_RUN_ID", "first",
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS", "kafka:9093",
                "CONSILIUM_KAFKA__SECURITY__PROTOCOL", "SASL_SSL",
                "CONSILIUM_KAFKA__SASL__JAAS__CONFIG", "a secret",
                "CONSILIUM_SCHEMA_REGISTRY__URL", "http://registry:8081",
                "CONSILIUM_HEALTH__PORT", "8081",
                "CONSILIUM_MONITOR__PORT", "8080"));
        Matcher variable = VARIABLE.matcher(Chart.file("templates/_pod.tpl"));
        while (variable.find()) {
            // The last part of a list would be cut off at the template's braces.
            String value = variable.group(2).startsWith("[")
                    ? "[http://127.0.0.1:8000]"
                    : variable.group(2).strip();
            given.putIfAbsent(variable.group(1), value);
        }
        Path config = Files.writeString(dir.resolve("consilium.yaml"), dump(Yaml.at(Chart.values(), "config")));
        CommandLineRun run =
                CommandLineRun.of(given, "run", role, "--config", config.toString(), "--resume", "--dry-run");
        assertThat(run.errors()).isEmpty();
        assertThat(run.code()).isZero();
        Map<String, String> shown = Yaml.leaves(Yaml.mapping(run.text()));
        assertThat(shown)
                .containsEntry("kafka.properties.ssl.truststore.type", "PEM")
                .containsEntry("kafka.properties.sasl.mechanism", "SCRAM-SHA-512")
                .containsEntry("health.token_file", "/etc/tokens/metrics")
                .containsEntry("rollout.vllm.adapter_dir", "/adapters")
                .doesNotContainValue("a secret");
        assertThat(given).as("variables of the template").hasSizeGreaterThan(14);
    }

    @ParameterizedTest
    @CsvSource({"kafka-users.yaml, acls", "kafka-topics.yaml, list"})
    void givenWhatIsGeneratedWhenPrintedAgainThenTheChartHasTheSame(String file, String command) throws IOException {
        CommandLineRun printed = CommandLineRun.of("topics", command, "--set", RUN, "-o", "strimzi");
        assertThat(printed.code()).as(String.join("\n", printed.errors())).isZero();
        Path kept = Chart.DIRECTORY.resolve("files").resolve(file);
        if (Boolean.getBoolean(WRITE)) {
            Files.writeString(kept, printed.text());
        }
        assertThat(kept)
                .as("written by: consilium topics " + command + " --set " + RUN + " -o strimzi; or by this test with -D"
                        + WRITE + "=true")
                .hasContent(printed.text());
        // Everything that is the run's is called so, and nothing else.
        assertThat(printed.text().replace("run-id-", "")).doesNotContain("run-id");
    }

    @Test
    void givenDashboardAndRulesWhenComparedThenTheChartHasThoseOfDocker() throws IOException {
        assertThat(Chart.DIRECTORY.resolve("files/rules.yml"))
                .isSymbolicLink()
                .hasSameTextualContentAs(NamedMetrics.RULES);
        assertThat(Chart.DIRECTORY.resolve("files/dashboard.json"))
                .isSymbolicLink()
                .hasSameTextualContentAs(NamedMetrics.DASHBOARD);
    }

    @Test
    void givenTheVersionWhenComparedThenTheChartBearsIt() throws IOException {
        assertThat(Yaml.mapping(Chart.file("Chart.yaml")))
                .containsEntry("version", ProjectVersion.read())
                .containsEntry("appVersion", ProjectVersion.read());
    }

    private static List<String> problems(Map<String, Object> values) throws IOException {
        return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
                .getSchema(JSON.readTree(Chart.file("values.schema.json")))
                .validate(JSON.<JsonNode>valueToTree(values))
                .stream()
                .map(Object::toString)
                .toList();
    }

    private static void put(Map<String, Object> values, List<String> path, Object value) {
        if (path.size() == 1) {
            values.put(path.get(0), value);
            return;
        }
        Map<String, Object> inner = Yaml.at(values, path.get(0));
        put(inner, path.subList(1, path.size()), value);
        values.put(path.get(0), inner);
    }

    private static String dump(Map<String, Object> mapping) {
        return new org.yaml.snakeyaml.Yaml().dump(mapping);
    }
}
