package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.schemas.Topics;
import ai.consilium.tests.SpanCollector.Span;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same small run, a process for each of the seven roles and one more learner, told of each other by the environment alone.
 * They come by TLS, and each role is a user of its own to the broker, which therefore knows what the topic catalogue only says:
 * who reads and writes what.
 */
class SeparateProcessesIT {
    private static final int STEPS = 3;
    private static final int BATCH = 2;
    private static final String RUN_ID = "apart";

    /**
     * What not every run writes: a worker ends a group only after a fault, the advantage stream only one without signal, the
     * scheduler only one that is open at the end. Tests of each role show it.
     */
    private static final Map<Topics, List<String>> NOT_IN_EVERY_RUN = Map.of(
            Topics.GROUP_OUTCOMES,
            List.of("rollout", "advantage", "scheduler"),
            Topics.DEAD_LETTERS,
            Topics.DEAD_LETTERS.writers());

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final List<RunProcess> processes = new ArrayList<>();

    @AfterEach
    void stopWhatRuns() {
        processes.forEach(RunProcess::close);
    }

    @Test
    void
            givenAClusterAndSevenRolesAndASecondLearnerWhenTheMergerIsDoneThenAllEndAndGroupsAndTheCatalogueAreAccountedFor()
                    throws Exception {
        String config = SmallRun.configuration(directory).toString();
        Path data = directory.resolve("data");
        start("simulate", Map.of(), "cases", "simulate", "--config", config, "--out", data.toString())
                .succeed();
        try (AuthenticatedCluster cluster = AuthenticatedCluster.start(directory.resolve("cluster"), RUN_ID);
                SpanCollector collector = new SpanCollector()) {
            trainApart(cluster, collector, config, data);
            assertTraced(collector.spans());
        }
        assertCatalogueIsTrue();
        assertSecretsStandNowhere();
    }

    /** Neither in a log nor in anything else that a process has written. */
    private void assertSecretsStandNowhere() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> telling = files.filter(
                            file -> Files.isRegularFile(file) && !file.startsWith(directory.resolve("cluster")))
                    .filter(SeparateProcessesIT::tellsAPassword)
                    .toList();
            assertThat(telling).as("files with a password in them").isEmpty();
        }
    }

    private static boolean tellsAPassword(Path file) {
        try {
            String text = Files.readString(file, StandardCharsets.ISO_8859_1);
            return Role.labels().stream().anyMatch(role -> text.contains(AuthenticatedCluster.password(role)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A sample's way through all roles is one trace, and each of its spans is below the one before. */
    private static void assertTraced(List<Span> spans) {
        Map<String, List<Span>> traces = spans.stream().collect(Collectors.groupingBy(Span::trace));
        assertThat(traces.values()).anySatisfy(trace -> {
            assertThat(trace.stream().map(span -> span.service() + " " + span.name()))
                    .contains(
                            "consilium-scheduler prompt",
                            "consilium-rollout sample",
                            "consilium-reward score",
                            "consilium-advantage group",
                            "consilium-learner step");
            Map<String, Span> byId = new HashMap<>();
            trace.forEach(span -> byId.put(span.id(), span));
            Map<String, String> above =
                    Map.of("sample", "prompt", "score", "sample", "group", "prompt", "step", "group");
            assertThat(trace).allSatisfy(span -> {
                Span parent = byId.get(span.parent());
                assertThat(parent == null ? "" : parent.name())
                        .as("what %s is below", span)
                        .isEqualTo(above.getOrDefault(span.name(), ""));
            });
        });
    }

    private void trainApart(AuthenticatedCluster cluster, SpanCollector collector, String config, Path data)
            throws Exception {
        // Spelled as README and compose.yaml spell it.
        Map<String, String> environment = new HashMap<>(Map.of(
                "CONSILIUM_SCHEMA_REGISTRY__URL",
                cluster.registryUrl(),
                "CONSILIUM_RUN_ID",
                RUN_ID,
                "CONSILIUM_TELEMETRY__OTLP",
                collector.url(),
                "CONSILIUM_DATA_ROOT",
                data.toString(),
                "CONSILIUM_CKPT__STORE",
                store().toString(),
                "CONSILIUM_LEARNER__HELP",
                "true"));
        List<RunProcess> roles = new ArrayList<>();
        for (String role : Role.labels()) {
            roles.add(startRole(role, role, environment, cluster, config));
        }
        roles.add(startRole("learner", "learner-too", environment, cluster, config));
        await().atMost(RunProcess.PATIENCE)
                .until(() -> roles.get(0)
                        .picture()
                        .filter(picture -> picture.path("simulated").asBoolean())
                        .isPresent());
        for (RunProcess role : roles) {
            role.succeed();
        }

        for (String policy : List.of("pediatrics", "oncology_surgery", Topics.UNIFIED)) {
            assertThat(store().resolve(RUN_ID).resolve(policy)).isNotEmptyDirectory();
        }

        // One that starts on a log that is there reads the prompts.
        startRole("scheduler", "scheduler-again", environment, cluster, config).succeed();

        Map<String, String> observer = new HashMap<>(environment);
        observer.putAll(cluster.client(AuthenticatedCluster.OBSERVER));
        SmallRun.assertBalanced(SmallRun.describe(observer, "--config", config), SmallRun.trained(STEPS, BATCH));
        canBeFetchedAndAskedFromAnywhere(observer, config);
        canBeScoredAgainAndTrainedFrom(observer, config);
    }

    /** What the learners share. */
    private Path store() {
        return directory.resolve("checkpoints");
    }

    /** By whoever reaches the cluster, without a file of the run. */
    private void canBeFetchedAndAskedFromAnywhere(Map<String, String> observer, String config) throws Exception {
        CommandLineRun asked = CommandLineRun.of(observer, "status", "--config", config, "-o", "json");
        assertThat(asked.code()).as(String.join("\n", asked.errors())).isZero();
        JsonNode status = new ObjectMapper().readTree(asked.text());
        assertThat(status.path("finished").asBoolean()).isTrue();
        assertThat(status.path("simulated").asBoolean()).isTrue();
        assertThat(status.at("/policies/0/version").asInt()).isEqualTo(STEPS);
        long agent = status.at("/agents/0/version").asLong();
        assertThat(CommandLineRun.of(observer, "status", "--config", config).text())
                .contains("finished after", "unified@" + agent);

        Path latest = exported(observer, config, "unified@latest");
        assertThat(latest.resolve("README.md"))
                .content()
                .contains("version " + agent + " of run " + RUN_ID, "simulated");
        assertThat(latest.resolve("adapter_model.safetensors"))
                .hasSameBinaryContentAs(
                        exported(observer, config, "unified@" + agent).resolve("adapter_model.safetensors"));
        CommandLineRun missing = CommandLineRun.of(
                observer, "export", "--config", config, "--adapter", "unified@99", "--out", directory + "/missing");
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.told())
                .singleElement()
                .asString()
                .startsWith("consilium: --adapter: unified has no version 99");
    }

    /** By whoever may read the topics and has the cases. */
    private void canBeScoredAgainAndTrainedFrom(Map<String, String> observer, String config) throws Exception {
        Path again = directory.resolve("again");
        CommandLineRun rescored = CommandLineRun.of(
                observer,
                "rescore",
                "--config",
                config,
                "--set",
                "model=" + SmallRun.MODEL,
                "--train",
                again.toString(),
                "-o",
                "json");
        assertThat(rescored.code()).as(String.join("\n", rescored.errors())).isZero();
        assertThat(new ObjectMapper()
                        .readTree(rescored.text())
                        .at("/check/exact")
                        .asBoolean())
                .isTrue();
        for (String expert : List.of("pediatrics", "oncology_surgery")) {
            String last = expert + "@" + STEPS;
            Path out = directory.resolve("again-" + last);
            CommandLineRun export = CommandLineRun.of(
                    "export", "--run-dir", again.toString(), "--adapter", last, "--out", out.toString());
            assertThat(export.code()).as(String.join("\n", export.errors())).isZero();
            assertThat(out.resolve("adapter_model.safetensors"))
                    .hasSameBinaryContentAs(exported(observer, config, last).resolve("adapter_model.safetensors"));
        }
    }

    private Path exported(Map<String, String> observer, String config, String version) {
        Path out = directory.resolve("exported-" + version);
        CommandLineRun export = CommandLineRun.of(
                observer, "export", "--config", config, "--adapter", version, "--out", out.toString());
        assertThat(export.code()).as(String.join("\n", export.errors())).isZero();
        return out;
    }

    private static void assertCatalogueIsTrue() {
        SoftAssertions differences = new SoftAssertions();
        for (Topics topic : Topics.values()) {
            Set<String> certain = new TreeSet<>(topic.writers());
            certain.removeAll(NOT_IN_EVERY_RUN.getOrDefault(topic, List.of()));
            differences
                    .assertThat(TopicAccess.writers(topic, RUN_ID))
                    .as("roles that write %s", topic.baseName())
                    .containsAll(certain)
                    .isSubsetOf(topic.writers());
            Set<String> readers = new TreeSet<>(TopicAccess.readers(topic, RUN_ID));
            readers.remove(AuthenticatedCluster.OBSERVER);
            differences
                    .assertThat(readers)
                    .as("roles that read %s", topic.baseName())
                    .isEqualTo(new TreeSet<>(topic.readers()));
        }
        differences.assertAll();
    }

    private RunProcess startRole(
            String role, String name, Map<String, String> environment, AuthenticatedCluster cluster, String config) {
        Map<String, String> own = new HashMap<>(environment);
        own.putAll(cluster.client(role));
        Path runDirectory = directory.resolve("runs").resolve(name);
        return start(name, own, "run", role, "--config", config, "--run-dir", runDirectory.toString());
    }

    private RunProcess start(String name, Map<String, String> environment, String... arguments) {
        RunProcess started = RunProcess.start(directory, name, environment, arguments);
        processes.add(started);
        return started;
    }
}
