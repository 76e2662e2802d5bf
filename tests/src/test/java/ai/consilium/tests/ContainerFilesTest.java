package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import ai.consilium.cli.Consilium;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The container files against the specification and against the real command line, without a Docker engine. */
class ContainerFilesTest {
    private static final Path DOCKER = Path.of("..", "docker");
    private static final String DEV_CLUSTER = "dev-cluster";

    /** A service that runs a role. */
    private record RoleService(String name, Map<String, Object> definition) {
        List<String> command() {
            return Yaml.texts(definition.get("command"));
        }

        String role() {
            return command().get(1);
        }

        Map<String, String> environment() {
            Map<String, String> texts = new LinkedHashMap<>();
            Yaml.at(definition, "environment").forEach((key, value) -> texts.put(key, String.valueOf(value)));
            return texts;
        }

        /** Where the volumes are mounted. */
        List<String> mounts() {
            return Yaml.texts(definition.get("volumes")).stream()
                    .map(volume -> volume.split(":", -1)[1])
                    .toList();
        }
    }

    @Test
    void givenTheComposeFileWhenCheckedThenItFollowsTheSpecification() throws IOException {
        assertThat(ComposeRules.problems(compose())).isEmpty();
    }

    @Test
    void givenSlipsWhenCheckedThenTheRulesSeeThem() {
        List<String> problems = ComposeRules.problems(Yaml.mapping("""
                service: {}
                services:
                  a:
                    image: a
                    restrat: always
                    environment: {FLAG: true}
                    ports: [8080]
                    depends_on: {b: {condition: service_healthy}, c: {condition: service_started}}
                    volumes: ["cellar:/wine"]
                  b: {restart: sometimes}
                """));
        assertThat(problems)
                .containsExactlyInAnyOrder(
                        "service: unknown key",
                        "services.a.restrat: unknown key",
                        "services.a.environment: has the wrong shape: {FLAG=true}",
                        "services.a.ports: has the wrong shape: [8080]",
                        "services.a.depends_on.b: waits for health, but b has no healthcheck",
                        "services.a.depends_on.c: no such service",
                        "services.a.volumes: cellar is not declared",
                        "services.b.restart: has the wrong shape: sometimes",
                        "services.b: has neither image nor build");
    }

    @Test
    void givenTheRolesWhenComparedThenEachHasOneService() throws IOException {
        Set<String> roles = new TreeSet<>();
        Objects.requireNonNull(Consilium.commandLine(Map.of()).getSubcommands().get("run"))
                .getCommandSpec()
                .positionalParameters()
                .get(0)
                .completionCandidates()
                .forEach(roles::add);
        assertThat(roles.remove(DEV_CLUSTER)).isTrue();
        assertThat(roleServices()).extracting(RoleService::role).containsExactlyInAnyOrderElementsOf(roles);
    }

    @Test
    void givenEachRoleServiceWhenRunDryThenTheRealCommandLineTakesIt() throws IOException {
        Map<String, Object> services = Yaml.at(compose(), "services");
        for (RoleService service : roleServices()) {
            List<String> command = new ArrayList<>(service.command());
            Consilium.commandLine(Map.of()).parseArgs(command.toArray(String[]::new));
            command.add("--dry-run");
            CommandLineRun run = CommandLineRun.of(service.environment(), command.toArray(String[]::new));
            assertThat(run.errors()).as(service.name()).isEmpty();
            assertThat(run.code()).as(service.name()).isZero();

            Map<String, String> config = Yaml.leaves(Yaml.mapping(run.text()));
            String broker = Objects.requireNonNull(config.get("kafka.properties.bootstrap.servers"));
            assertThat(services).containsKey(broker.substring(0, broker.indexOf(':')));
            String registry = Objects.requireNonNull(config.get("schema_registry.url"));
            assertThat(services).containsKey(URI.create(registry).getHost());
            assertThat(config.get("run_id")).isNotBlank();
            assertThat(service.mounts()).contains(config.get("data_root"));
        }
    }

    @Test
    void givenRoleServicesWhenComparedThenEachKeepsItsRunDirectoryInAVolume() throws IOException {
        Set<String> seen = new HashSet<>();
        for (RoleService service : roleServices()) {
            String directory = service.command().get(service.command().indexOf("--run-dir") + 1);
            assertThat(seen.add(directory)).as(directory).isTrue();
            assertThat(service.mounts()).anyMatch(mount -> directory.startsWith(mount + "/"));
            assertThat(service.command())
                    .as("a container that comes back goes on")
                    .contains("--resume");
        }
    }

    @Test
    void givenPublishedPortsWhenReadThenTheyAreOnThisMachineOnlyAndServed() throws IOException {
        Yaml.at(compose(), "services")
                .forEach((name, service) -> assertThat(
                                Yaml.texts(Yaml.mapping(service).get("ports")))
                        .as(name)
                        .allMatch(port -> port.startsWith("127.0.0.1:")));
        RoleService monitor = roleServices().stream()
                .filter(service -> service.role().equals("monitor"))
                .findFirst()
                .orElseThrow();
        assertThat(Yaml.texts(monitor.definition().get("ports")))
                .singleElement()
                .asString()
                .endsWith(":" + monitor.environment().get("CONSILIUM_MONITOR__PORT"));
    }

    @Test
    void givenPrometheusWhenReadThenItScrapesEveryRoleWhereItListens() throws IOException {
        Map<String, Object> file = Yaml.mapping(Files.readString(DOCKER.resolve("prometheus/prometheus.yml")));
        assertThat(file.keySet()).isSubsetOf("global", "scrape_configs", "rule_files");
        assertThat(Yaml.texts(
                        Yaml.at(Yaml.at(compose(), "services"), "prometheus").get("volumes")))
                .as("mounted rules")
                .containsAll(Yaml.texts(file.get("rule_files")).stream()
                        .map(rules -> "./prometheus/" + Path.of(rules).getFileName() + ":" + rules + ":ro")
                        .toList());
        List<String> targets = new ArrayList<>();
        for (Object job : (List<?>) Objects.requireNonNull(file.get("scrape_configs"))) {
            assertThat(Yaml.mapping(job).keySet())
                    .isSubsetOf("job_name", "static_configs", "scrape_interval", "metrics_path");
            for (Object group :
                    (List<?>) Objects.requireNonNull(Yaml.mapping(job).get("static_configs"))) {
                targets.addAll(Yaml.texts(Yaml.mapping(group).get("targets")));
            }
        }
        assertThat(targets)
                .containsExactlyInAnyOrderElementsOf(roleServices().stream()
                        .map(service ->
                                service.name() + ":" + service.environment().get("CONSILIUM_HEALTH__PORT"))
                        .toList());
        assertThat(roleServices())
                .allMatch(service -> "0.0.0.0".equals(service.environment().get("CONSILIUM_HEALTH__HOST")));
    }

    @Test
    void givenBoundFilesWhenLookedForThenTheyExist() throws IOException {
        List<String> bound = new ArrayList<>();
        Yaml.at(compose(), "services")
                .values()
                .forEach(service -> Yaml.texts(Yaml.mapping(service).get("volumes")).stream()
                        .map(volume -> volume.substring(0, volume.indexOf(':')))
                        .filter(source -> source.startsWith("./prometheus/") || source.startsWith("./grafana/"))
                        .forEach(bound::add));
        assertThat(bound).hasSizeGreaterThan(3).allMatch(source -> Files.exists(DOCKER.resolve(source)));
        assertThat(bound)
                .filteredOn(source -> source.endsWith(".yml"))
                .allMatch(source -> Files.isRegularFile(DOCKER.resolve(source)));
        Map<String, Object> build = Yaml.at(roleServices().get(0).definition(), "build");
        Path context = DOCKER.resolve(String.valueOf(build.get("context")));
        assertThat(context.resolve("pom.xml")).isRegularFile();
        assertThat(context.resolve(String.valueOf(build.get("dockerfile")))).isRegularFile();
    }

    @Test
    void givenTheImageWhenReadThenItStartsTheCommandLineWithoutPrivileges() throws Exception {
        List<String> lines = instructions();
        assertThat(lines).allMatch(line -> line.matches("(FROM|ADD|COPY|RUN|USER|ENV|VOLUME|ENTRYPOINT|#) ?.*"));
        List<String> stages = lines.stream()
                .filter(line -> line.startsWith("FROM ") && line.contains(" AS "))
                .map(line -> line.replaceAll(".* AS ", ""))
                .toList();
        assertThat(lines.stream().filter(line -> line.startsWith("COPY --from=")))
                .isNotEmpty()
                .allMatch(line -> stages.contains(line.replaceAll("COPY --from=(\\S+) .*", "$1")));
        assertThat(lines.stream().filter(line -> line.startsWith("USER ")).toList())
                .isNotEmpty()
                .doesNotContain("USER root");

        String entry = lines.get(lines.size() - 1);
        assertThat(entry).startsWith("ENTRYPOINT [");
        List<String> words = Stream.of(new ObjectMapper().readValue(entry.substring(11), String[].class))
                .toList();
        String home = lines.stream()
                .filter(line -> line.startsWith("COPY --from="))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
        assertThat(words).containsExactly(home + "/consilium");
        for (RoleService service : roleServices()) {
            assertThat(service.environment().get("CONSILIUM_MODEL")).startsWith(home + "/models/");
        }
    }

    @Test
    void givenTheVersionWhenComparedThenImageAndArchiveBearIt() throws IOException {
        String version = ProjectVersion.read();
        assertThat(roleServices())
                .allSatisfy(
                        service -> assertThat(service.definition().get("image")).isEqualTo("consilium:" + version));
        assertThat(instructions())
                .contains("ADD distribution/target/consilium-" + version + ".tar.gz /unpacked/")
                .anyMatch(line -> line.startsWith("COPY --from=unpacked /unpacked/consilium-" + version + " "));
        assertThat(Files.readAllLines(DOCKER.resolve("Dockerfile.dockerignore")))
                .endsWith("*", "!distribution/target/consilium-*.tar.gz");
    }

    @Test
    void givenPromtoolWhenAskedThenItTakesTheAlertRules() throws Exception {
        if (exitCode("promtool", "--version") != 0) {
            abort("no promtool on the PATH");
        }
        assertThat(exitCode("promtool", "check", "rules", NamedMetrics.RULES.toString()))
                .isZero();
    }

    @Test
    void givenDockerComposeWhenAskedThenItTakesTheFile() throws Exception {
        if (exitCode("docker", "compose", "version") != 0) {
            abort("no 'docker compose' on this machine");
        }
        assertThat(exitCode(
                        "docker",
                        "compose",
                        "-f",
                        DOCKER.resolve("compose.yaml").toString(),
                        "config",
                        "-q"))
                .isZero();
    }

    private static int exitCode(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                return -1;
            }
            return process.exitValue();
        } catch (IOException absent) {
            return -1;
        }
    }

    /** Of the Dockerfile, continued lines joined. */
    private static List<String> instructions() throws IOException {
        String text = Files.readString(DOCKER.resolve("Dockerfile"), StandardCharsets.UTF_8)
                .replaceAll("\\\\\n\\s*", "");
        return text.lines().filter(line -> !line.isBlank()).toList();
    }

    private static Map<String, Object> compose() throws IOException {
        return Yaml.mapping(Files.readString(DOCKER.resolve("compose.yaml")));
    }

    private static List<RoleService> roleServices() throws IOException {
        return Yaml.at(compose(), "services").entrySet().stream()
                .map(entry -> new RoleService(entry.getKey(), Yaml.mapping(entry.getValue())))
                .filter(service ->
                        !service.command().isEmpty() && service.command().get(0).equals("run"))
                .toList();
    }
}
