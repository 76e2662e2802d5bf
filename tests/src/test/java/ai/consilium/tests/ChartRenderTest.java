package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import ai.consilium.cli.run.RoleFactory.Role;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What Helm makes of the chart; skipped where there is no Helm. */
class ChartRenderTest {
    private static final String[] EVERYTHING = {
        "--set", "keda.enabled=true",
        "--set", "vllm.enabled=true",
        "--set", "strimzi.topics=true",
        "--set", "models.claim=models",
        "--set", "runId=second",
        "--set", "secretEnv.reward.SCORER_TONE.name=tone",
        "--set", "secretEnv.reward.SCORER_TONE.key=token",
        "--set", "roles.rollout.gpus=1"
    };

    /** On a Kafka that asks for nothing, with nothing of other operators. */
    private static final String[] LITTLE = {
        "--set", "kafka.bootstrapServers=plain:9092",
        "--set", "kafka.tls=false",
        "--set", "kafka.scram=false",
        "--set", "strimzi.create=false",
        "--set", "strimzi.users=false",
        "--set", "schemaRegistry.create=false",
        "--set", "schemaRegistry.url=http://registry:8081",
        "--set", "podMonitor=false",
        "--set", "prometheusRule=false",
        "--set", "dashboard=false"
    };

    @BeforeEach
    void requireHelm() throws InterruptedException {
        OtherProgram.require("helm", "version");
    }

    @Test
    void givenTheChartWhenLintedThenNothingIsWrong() throws InterruptedException {
        OtherProgram.Result lint = OtherProgram.run("helm", "lint", "--strict", Chart.DIRECTORY.toString());
        assertThat(lint.code()).as(lint.text() + lint.errors()).isZero();
    }

    @Test
    void givenEveryRoleThenItRunsUnprivilegedAndIsProbedWhereItListens() throws Exception {
        for (String[] options : List.of(new String[0], EVERYTHING, LITTLE)) {
            Set<String> roles = new TreeSet<>();
            for (Map<String, Object> workload : rendered(options)) {
                Map<String, Object> pod = pod(workload);
                for (Map<String, Object> container : containers(pod)) {
                    if (!String.valueOf(container.get("image")).startsWith("consilium:")) {
                        continue;
                    }
                    String role = Yaml.texts(container.get("args")).get(1);
                    assertThat(roles.add(role)).as(role).isTrue();
                    assertHardened(pod, container);
                    assertProbed(container);
                    assertMounted(workload, pod, container);
                }
            }
            assertThat(roles).containsExactlyInAnyOrderElementsOf(Role.labels());
        }
    }

    @Test
    void givenAddressesOfModelAndCasesThenNoClaimIsNeededAndTheServerFindsWhatTheWorkerFetches() throws Exception {
        for (Map<String, Object> workload : rendered(
                "--set", "data.claim=",
                "--set", "config.data_root=s3://training/sets/clinic",
                "--set", "config.model=https://files.example.org/models/7b",
                "--set", "vllm.enabled=true",
                "--set", "vllm.model=/cache/model")) {
            Map<String, Object> pod = pod(workload);
            for (Map<String, Object> container : containers(pod)) {
                String image = String.valueOf(container.get("image"));
                if (image.startsWith("consilium:") || image.startsWith("vllm/")) {
                    assertThat(mounts(container)).contains("/cache").doesNotContain("/data");
                }
            }
            for (Object first : list(pod.get("initContainers"))) {
                assertHardened(pod, Yaml.mapping(first));
                assertThat(Yaml.texts(Yaml.mapping(first).get("args")))
                        .startsWith("data", "fetch", "https://files.example.org/models/7b", "--link", "/cache/model");
                assertThat(mounts(Yaml.mapping(first))).contains("/cache", "/tmp", "/home/consilium", "/etc/consilium");
            }
            assertThat(list(pod.get("volumes")))
                    .noneMatch(volume -> Yaml.mapping(volume).containsKey("persistentVolumeClaim"));
        }
    }

    private static List<String> mounts(Map<String, Object> container) {
        return list(container.get("volumeMounts")).stream()
                .map(mount -> String.valueOf(Yaml.mapping(mount).get("mountPath")))
                .toList();
    }

    @Test
    void givenSecretsThenTheyAreReferredToAndStandNowhere() throws Exception {
        List<Map<String, Object>> documents = rendered(EVERYTHING);
        assertThat(documents).extracting(document -> document.get("kind")).doesNotContain("Secret");
        for (Map<String, Object> workload : documents) {
            for (Map<String, Object> container : containers(pod(workload))) {
                for (Object variable : list(container.get("env"))) {
                    String name = String.valueOf(Yaml.mapping(variable).get("name"));
                    if (name.matches(".*(JAAS|PASSWORD|SCORER_).*")) {
                        assertThat(Yaml.at(Yaml.mapping(variable), "valueFrom"))
                                .as(name)
                                .containsKey("secretKeyRef");
                    }
                }
            }
        }
    }

    @Test
    void givenRulesAndDashboardThenTheyAreThoseOfDocker() throws Exception {
        List<Map<String, Object>> documents = rendered();
        assertThat(of(documents, "PrometheusRule").get("spec"))
                .isEqualTo(Yaml.mapping(Files.readString(NamedMetrics.RULES)));
        Map<String, Object> dashboard = documents.stream()
                .filter(document -> name(document).equals("trial-dashboard"))
                .findFirst()
                .orElseThrow();
        ObjectMapper json = new ObjectMapper();
        assertThat(json.readTree(String.valueOf(Yaml.at(dashboard, "data").get("consilium.json"))))
                .isEqualTo(json.readTree(NamedMetrics.DASHBOARD.toFile()));
    }

    @Test
    void givenUsersAndTopicsThenTheyAreThoseOfTheRunThatTheProgramPrints() throws Exception {
        List<Map<String, Object>> documents = rendered(EVERYTHING);
        List<Map<String, Object>> printed = new ArrayList<>();
        for (String command : List.of("acls", "list")) {
            printed.addAll(Chart.documents(CommandLineRun.of(
                            "topics", command, "--set", "run_id=second", "-o", "strimzi", "--cluster", "kafka")
                    .text()));
        }
        assertThat(documents).containsAll(printed);
        for (Map<String, Object> workload : documents) {
            for (Map<String, Object> container : containers(pod(workload))) {
                for (Object variable : list(container.get("env"))) {
                    Map<String, Object> key = Yaml.at(Yaml.at(Yaml.mapping(variable), "valueFrom"), "secretKeyRef");
                    if ("sasl.jaas.config".equals(key.get("key"))) {
                        assertThat(documents)
                                .as("a user for each Secret")
                                .anyMatch(document -> "KafkaUser".equals(document.get("kind"))
                                        && name(document).equals(key.get("name")));
                    }
                }
            }
        }
    }

    @Test
    void givenTopicsForAnotherConfigurationThenTheChartRefuses() throws Exception {
        OtherProgram.Result refused =
                Chart.render("--set", "strimzi.topics=true", "--set", "config.kafka.partitions=8");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.errors()).contains("consilium topics list");
    }

    @Test
    void givenTwoLearnersThenTheyNeedASharedStore() throws Exception {
        OtherProgram.Result refused = Chart.render("--set", "roles.learner.replicas=2");
        assertThat(refused.code()).isNotZero();
        assertThat(refused.errors()).contains("config.ckpt.store");
        assertThat(rendered(
                        "--set", "roles.learner.replicas=2", "--set", "config.ckpt.store=s3://training/checkpoints"))
                .filteredOn(document -> name(document).equals("trial-learner"))
                .singleElement()
                .satisfies(learner -> assertThat(Yaml.at(learner, "spec")).containsEntry("replicas", 2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"roles.merger.replicas=2", "runId=Capital", "config.run_id=a"})
    void givenAValueThatCannotBeThenHelmRefusesIt(String value) throws Exception {
        assertThat(Chart.render("--set", value).code()).isNotZero();
    }

    @Test
    void givenKubeconformWhenAskedThenItTakesWhatIsRendered() throws Exception {
        OtherProgram.require("kubeconform", "-v");
        for (String[] options : List.of(new String[0], EVERYTHING, LITTLE)) {
            OtherProgram.Result rendered = Chart.render(options);
            Path file = Files.createTempFile("chart", ".yaml");
            try {
                Files.writeString(file, rendered.text());
                OtherProgram.Result result = OtherProgram.run(
                        "kubeconform", "-strict", "-ignore-missing-schemas", "-output", "text", file.toString());
                assumeFalse(
                        result.text().contains("failed downloading schema"), "kubeconform cannot fetch its schemas");
                assertThat(result.code()).as(result.text()).isZero();
            } finally {
                Files.delete(file);
            }
        }
    }

    private static void assertHardened(Map<String, Object> pod, Map<String, Object> container) {
        assertThat(Yaml.at(pod, "securityContext")).containsEntry("runAsNonRoot", true);
        assertThat(pod)
                .containsEntry("automountServiceAccountToken", false)
                // Else a release called consilium would set CONSILIUM_ variables that are no keys.
                .containsEntry("enableServiceLinks", false);
        assertThat(Yaml.at(container, "securityContext"))
                .containsEntry("readOnlyRootFilesystem", true)
                .containsEntry("allowPrivilegeEscalation", false)
                .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
        assertThat(Yaml.at(container, "resources")).containsKeys("requests", "limits");
    }

    private static void assertProbed(Map<String, Object> container) {
        Map<String, Object> ports = new HashMap<>();
        list(container.get("ports")).stream()
                .map(Yaml::mapping)
                .forEach(port -> ports.put(String.valueOf(port.get("name")), port.get("containerPort")));
        Map<String, String> environment = new HashMap<>();
        list(container.get("env")).stream()
                .map(Yaml::mapping)
                .forEach(entry ->
                        environment.put(String.valueOf(entry.get("name")), String.valueOf(entry.get("value"))));
        assertThat(String.valueOf(ports.get("health"))).isEqualTo(environment.get("CONSILIUM_HEALTH__PORT"));
        assertThat(ports.containsKey("page")).isEqualTo(environment.containsKey("CONSILIUM_MONITOR__PORT"));
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            Map<String, Object> get = Yaml.at(Yaml.at(container, probe), "httpGet");
            assertThat(get.get("port")).as(probe).isEqualTo("health");
            assertThat(get.get("path")).as(probe).isEqualTo(probe.equals("readinessProbe") ? "/readyz" : "/livez");
        }
    }

    /** What is written lies on volumes, and each mounted volume is there. */
    private static void assertMounted(
            Map<String, Object> workload, Map<String, Object> pod, Map<String, Object> container) {
        Set<String> volumes = new TreeSet<>();
        list(pod.get("volumes"))
                .forEach(volume ->
                        volumes.add(String.valueOf(Yaml.mapping(volume).get("name"))));
        list(Yaml.at(workload, "spec").get("volumeClaimTemplates"))
                .forEach(claim -> volumes.add(name(Yaml.mapping(claim))));
        List<String> places = new ArrayList<>();
        for (Object mount : list(container.get("volumeMounts"))) {
            assertThat(volumes).contains(String.valueOf(Yaml.mapping(mount).get("name")));
            places.add(String.valueOf(Yaml.mapping(mount).get("mountPath")));
        }
        List<String> args = Yaml.texts(container.get("args"));
        assertThat(places)
                .contains("/tmp", "/home/consilium")
                .anyMatch(place -> args.get(args.indexOf("--run-dir") + 1).startsWith(place + "/"))
                .anyMatch(place -> args.get(args.indexOf("--config") + 1).startsWith(place + "/"));
    }

    private static List<Map<String, Object>> rendered(String... options) throws InterruptedException {
        OtherProgram.Result rendered = Chart.render(options);
        assertThat(rendered.code()).as(rendered.errors()).isZero();
        return Chart.documents(rendered.text());
    }

    private static Map<String, Object> of(List<Map<String, Object>> documents, String kind) {
        return documents.stream()
                .filter(document -> kind.equals(document.get("kind")))
                .findFirst()
                .orElseThrow();
    }

    private static String name(Map<String, Object> document) {
        return String.valueOf(Yaml.at(document, "metadata").get("name"));
    }

    /** Its pod's spec; empty where it has none. */
    private static Map<String, Object> pod(Map<String, Object> workload) {
        return Yaml.at(Yaml.at(Yaml.at(workload, "spec"), "template"), "spec");
    }

    private static List<Map<String, Object>> containers(Map<String, Object> pod) {
        return list(pod.get("containers")).stream().map(Yaml::mapping).toList();
    }

    private static List<?> list(@Nullable Object node) {
        return (List<?>) Objects.requireNonNullElse(node, List.of());
    }
}
