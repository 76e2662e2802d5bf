package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;

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
                    .map(volume -> volume.startsWith("/") ? volume : volume.split(":", -1)[1])
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
                    user: root
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
                        "services.a.user: has the wrong shape: root",
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
    void givenWhatScalesWhenItHasReplicasThenEachKeepsARunDirectoryOfItsOwn() throws Exception {
        for (RoleService service : roleServices()) {
            List<String> command = new ArrayList<>(service.command());
            String directory = command.get(command.indexOf("--run-dir") + 1);
            assertThat(directory.endsWith("-{host}"))
                    .as(service.name())
                    .isEqualTo(Set.of("rollout", "reward", "advantage").contains(service.role()));
        }
    }

    @Test
    void givenEveryServiceOfOursAndForWatchingThenItIsUnprivilegedAndItsRootIsReadOnly() throws IOException {
        Map<String, Object> services = Yaml.at(compose(), "services");
        Set<String> names = new TreeSet<>(Set.of("prometheus", "grafana", "kafka-ui"));
        roleServices().forEach(service -> names.add(service.name()));
        for (String name : names) {
            assertThat(Yaml.at(services, name))
                    .as(name)
                    .containsEntry("read_only", true)
                    .containsEntry("cap_drop", List.of("ALL"))
                    .containsEntry("security_opt", List.of("no-new-privileges:true"));
        }
        String user = roleServices().get(0).definition().get("user") + "";
        assertThat(instructions()).contains("USER " + user);
        for (RoleService service : roleServices()) {
            assertThat(service.definition()).as(service.name()).containsEntry("user", user);
            // Home: the native libraries of PyTorch; /tmp: those of the stream's store.
            assertThat(service.mounts()).contains("/home/consilium");
            assertThat(service.definition()).containsEntry("tmpfs", List.of("/tmp:exec,mode=1777"));
        }
    }

    @Test
    void givenTheTokenOfTheMetricsThenAllRolesShareItAndPrometheusReadsItAsTheirUser() throws IOException {
        Set<String> files = new HashSet<>();
        roleServices().forEach(service -> files.add(service.environment().get("CONSILIUM_HEALTH__TOKEN_FILE")));
        Map<String, Object> prometheus = Yaml.at(Yaml.at(compose(), "services"), "prometheus");
        assertThat(files).singleElement().satisfies(file -> {
            assertThat(scrapeJob().get("authorization")).isEqualTo(Map.of("credentials_file", file));
            assertThat(Yaml.texts(prometheus.get("volumes")))
                    .contains("runs:" + Path.of(file).getParent() + ":ro");
        });
        assertThat(prometheus.get("user"))
                .isEqualTo(roleServices().get(0).definition().get("user"));
    }

    @Test
    void givenKafkaUiWhenReadThenItLooksAtThisClusterAndWritesNothing() throws IOException {
        Map<String, String> environment =
                new RoleService("kafka-ui", Yaml.at(Yaml.at(compose(), "services"), "kafka-ui")).environment();
        Map<String, String> role = roleServices().get(0).environment();
        assertThat(environment)
                .containsEntry("KAFKA_CLUSTERS_0_BOOTSTRAPSERVERS", role.get("CONSILIUM_KAFKA__BOOTSTRAP__SERVERS"))
                .containsEntry("KAFKA_CLUSTERS_0_SCHEMAREGISTRY", role.get("CONSILIUM_SCHEMA_REGISTRY__URL"))
                .containsEntry("KAFKA_CLUSTERS_0_READONLY", "true");
    }

    @Test
    void givenGrafanaWhenReadThenItsDashboardsAreMountedWhereItLooksForThem() throws IOException {
        Map<String, Object> provisioning =
                Yaml.mapping(Files.readString(DOCKER.resolve("grafana/provisioning/dashboards/consilium.yml")));
        Map<String, Object> provider =
                Yaml.mapping(((List<?>) Objects.requireNonNull(provisioning.get("providers"))).get(0));
        RoleService grafana = new RoleService("grafana", Yaml.at(Yaml.at(compose(), "services"), "grafana"));
        String path = String.valueOf(Yaml.at(provider, "options").get("path"));
        assertThat(grafana.mounts()).contains(path);
        assertThat(grafana.environment())
                .containsEntry("GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH", path + "/consilium.json");
        Map<String, Object> sources =
                Yaml.mapping(Files.readString(DOCKER.resolve("grafana/provisioning/datasources/prometheus.yml")));
        Map<String, Object> source =
                Yaml.mapping(((List<?>) Objects.requireNonNull(sources.get("datasources"))).get(0));
        assertThat(source).containsEntry("url", "http://prometheus:9090");
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
        Map<String, Object> job = scrapeJob();
        assertThat(job.keySet()).isSubsetOf("job_name", "authorization", "dns_sd_configs");
        // The dashboard and the alert rules ask for it by this name.
        assertThat(job.get("job_name")).isEqualTo("consilium");
        Map<String, Object> names = Yaml.mapping(((List<?>) Objects.requireNonNull(job.get("dns_sd_configs"))).get(0));
        assertThat(Yaml.texts(names.get("names")))
                .containsExactlyInAnyOrderElementsOf(
                        roleServices().stream().map(RoleService::name).toList());
        assertThat(roleServices())
                .allMatch(service -> String.valueOf(names.get("port"))
                        .equals(service.environment().get("CONSILIUM_HEALTH__PORT")));
        assertThat(roleServices())
                .allMatch(service -> "0.0.0.0".equals(service.environment().get("CONSILIUM_HEALTH__HOST")));
    }

    @Test
    void givenBoundFilesWhenLookedForThenTheyExist() throws IOException {
        List<String> bound = new ArrayList<>();
        Yaml.at(compose(), "services")
                .values()
                .forEach(service -> Yaml.texts(Yaml.mapping(service).get("volumes")).stream()
                        .map(volume -> volume.split(":", 2)[0])
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
        assertThat(lines.stream().filter(line -> line.startsWith("USER ")))
                .as("numbers, so that Kubernetes can tell that it is not root")
                .isNotEmpty()
                .allMatch(line -> line.matches("USER [1-9]\\d+:[1-9]\\d+"));

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
        OtherProgram.require("promtool", "--version");
        OtherProgram.Result checked = OtherProgram.run("promtool", "check", "rules", NamedMetrics.RULES.toString());
        assertThat(checked.code()).as(checked.errors()).isZero();
    }

    @Test
    void givenDockerComposeWhenAskedThenItTakesTheFile() throws Exception {
        OtherProgram.require("docker", "compose", "version");
        OtherProgram.Result checked = OtherProgram.run(
                "docker", "compose", "-f", DOCKER.resolve("compose.yaml").toString(), "config", "-q");
        assertThat(checked.code()).as(checked.errors()).isZero();
    }

    private static Map<String, Object> scrapeJob() throws IOException {
        Map<String, Object> file = Yaml.mapping(Files.readString(DOCKER.resolve("prometheus/prometheus.yml")));
        return Yaml.mapping(((List<?>) Objects.requireNonNull(file.get("scrape_configs"))).get(0));
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
