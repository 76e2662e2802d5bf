package ai.consilium.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * What starves a run, made to happen to a run of one process a role: no workers, completions that are all cut, groups without a
 * signal, a scorer that is down, a learner that is killed. Each is on the page, in the metrics, in the log and at a webhook.
 */
class WatchdogIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** Within 30 s on a machine with nothing else to do; failures are told by this only. */
    private static final Duration NAMED = Duration.ofMinutes(4);

    private static final List<String> ROLES =
            List.of("scheduler", "monitor", "advantage", "reward", "merger", "learner");

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final Map<String, RunProcess> processes = new LinkedHashMap<>();
    private final List<JsonNode> posted = new CopyOnWriteArrayList<>();
    private final List<String> delays = new ArrayList<>();
    private HttpServer hook;
    private HttpServer judge;

    @BeforeEach
    void startServers() throws IOException {
        hook = server(call -> {
            posted.add(JSON.readTree(call.getRequestBody()));
            return "";
        });
        // The same of everything: no group has a signal.
        judge = server(call -> {
            call.getRequestBody().readAllBytes();
            return "{\"score\": 0.5}";
        });
    }

    private interface Answer {
        String to(HttpExchange call) throws IOException;
    }

    private static HttpServer server(Answer answer) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 100);
        server.createContext("/", call -> {
            byte[] reply = answer.to(call).getBytes(StandardCharsets.UTF_8);
            call.sendResponseHeaders(200, reply.length == 0 ? -1 : reply.length);
            call.getResponseBody().write(reply);
            call.close();
        });
        server.start();
        return server;
    }

    @AfterEach
    void stopWhatRuns() {
        processes.values().forEach(RunProcess::close);
        hook.stop(0);
        judge.stop(0);
    }

    @Test
    void givenARunWhenItStarvesThenTheStageAndTheCauseAreNamedAndEveryMetricThatIsAskedForIsThere() throws Exception {
        String config = configuration().toString();
        Path data = directory.resolve("data");
        RunProcess simulated = RunProcess.start(
                directory, "simulate", Map.of(), "cases", "simulate", "--config", config, "--out", data.toString());
        simulated.succeed();
        ROLES.forEach(role -> start(role, config, data));

        untilAlarmed("no_workers");
        start("rollout", config, data);
        untilAlarmed("all_cut");
        assertThat(causes()).doesNotContain("no_workers");
        untilAlarmed("no_signal");
        assertMetricsAreThere();

        judge.stop(0);
        untilAlarmed("scorer_down");
        assertThat(alarm("scorer_down").path("subject").asText()).isEqualTo("judge");

        process("learner").kill();
        untilAlarmed("no_learner");
        assertThat(alarm("no_learner").path("text").asText()).contains("consilium run learner");

        assertThat(posted.stream()
                        .filter(body -> body.path("state").asText().equals("firing"))
                        .map(body -> body.path("cause").asText()))
                .contains("no_workers", "all_cut", "scorer_down", "no_learner");
        assertThat(posted).anySatisfy(body -> {
            assertThat(body.path("state").asText()).isEqualTo("resolved");
            assertThat(body.path("cause").asText()).isEqualTo("no_workers");
        });
        String log = Files.readString(directory.resolve("runs/monitor/consilium.log"));
        for (String cause : List.of("no_workers", "scorer_down")) {
            assertThat(log.lines().filter(line -> line.contains("WARN") && line.contains("alarm=\"" + cause + "\"")))
                    .as("begin of %s in the log", cause)
                    .hasSize(1);
        }
        System.out.println("WatchdogIT: seconds until named: " + String.join(", ", delays));
    }

    private Path configuration() throws IOException {
        Path file = SmallRun.configuration(directory);
        Files.writeString(
                file,
                """

                sampling: {max_completion_tokens: 4}
                max_untrained_batches: 0
                eval: {interval: 1, cases: 1}
                reward:
                  scorers:
                    - {name: accuracy, type: accuracy, required: true, shadow: false}
                    - {name: judge, type: http, url: "http://127.0.0.1:%d/score", required: true, shadow: false}
                  http: {timeout: 2s, retries: 0}
                  breaker: {failures: 2, pause: 500ms, give_up: 10m}
                monitor: {webhook: "http://127.0.0.1:%d/hook", watch: {absent_after: 6s, min_free_mib: 0}}
                """.formatted(judge.getAddress().getPort(), hook.getAddress().getPort()),
                java.nio.file.StandardOpenOption.APPEND);
        return file;
    }

    private void start(String role, String config, Path data) {
        Map<String, String> environment = new HashMap<>(Map.of(
                "CONSILIUM_KAFKA__BOOTSTRAP__SERVERS",
                cluster.bootstrapServers(),
                "CONSILIUM_SCHEMA_REGISTRY__URL",
                cluster.registryUrl(),
                "CONSILIUM_RUN_ID",
                "starving",
                "CONSILIUM_DATA_ROOT",
                data.toString()));
        Path run = directory.resolve("runs").resolve(role);
        RunProcess started = RunProcess.start(
                directory, role, environment, "run", role, "--config", config, "--run-dir", run.toString());
        processes.put(role, started);
        // One after the other: the scheduler's manifest is what the others wait for, and a small machine has few
        // processors.
        started.awaitAnnounced("role");
    }

    private RunProcess process(String role) {
        return Objects.requireNonNull(processes.get(role), role);
    }

    /** On the page, and in the monitor's metrics; a stage that has ended is told of. */
    private void untilAlarmed(String cause) {
        long start = System.nanoTime();
        await().atMost(NAMED).pollInterval(Duration.ofMillis(250)).untilAsserted(() -> {
            assertThat(causes()).as(process("monitor").errors()).contains(cause);
            assertThat(scrape("monitor")).contains("consilium_alarm{cause=\"" + cause + "\"} 1");
        });
        delays.add("%s %.0f".formatted(cause, (System.nanoTime() - start) / 1e9));
    }

    private Set<String> causes() throws InterruptedException {
        return alarms().map(alarm -> alarm.path("cause").asText()).collect(Collectors.toCollection(TreeSet::new));
    }

    private JsonNode alarm(String cause) throws InterruptedException {
        return alarms().filter(alarm -> alarm.path("cause").asText().equals(cause))
                .findFirst()
                .orElseThrow();
    }

    private Stream<JsonNode> alarms() throws InterruptedException {
        return process("monitor").picture().stream()
                .flatMap(picture -> StreamSupport.stream(picture.path("alarms").spliterator(), false));
    }

    private String scrape(String role) throws IOException, InterruptedException {
        return RunProcess.get(process(role).announced("metrics").orElseThrow()).body();
    }

    /** Those of vLLM servers, which this run has not, are named where their meters are made. */
    private void assertMetricsAreThere() throws Exception {
        Set<String> asked = new TreeSet<>(NamedMetrics.ofDashboard());
        asked.addAll(NamedMetrics.ofRules());
        assertThat(asked).hasSizeGreaterThan(30);
        String servers = MetricNames.ROLLOUT_SERVER_UP.replace('.', '_').replaceAll("_up$", "_");
        assertThat(asked.stream().filter(name -> name.startsWith(servers)))
                .isSubsetOf(Stream.of(
                                MetricNames.ROLLOUT_SERVER_UP,
                                MetricNames.ROLLOUT_SERVER_MISMATCH,
                                MetricNames.ROLLOUT_SERVER_TOKENS + "_total",
                                MetricNames.ROLLOUT_SERVER_FAILURES + "_total")
                        .map(name -> name.replace('.', '_'))
                        .toList());
        asked.removeIf(name -> name.startsWith(servers));
        await().atMost(RunProcess.PATIENCE).untilAsserted(() -> {
            Map<String, Set<String>> byRole = new TreeMap<>();
            for (String role : processes.keySet()) {
                byRole.put(role, NamedMetrics.in(scrape(role)));
            }
            assertThat(byRole.values())
                    .as("every role has its threads in /metrics")
                    .allSatisfy(names -> assertThat(names).contains("consilium_thread_live", "jvm_memory_used_bytes"));
            Set<String> there = new TreeSet<>();
            byRole.values().forEach(there::addAll);
            assertThat(asked).isSubsetOf(there);
        });
        assertNothingUnbounded();
    }

    /** No label's value is made of numbers that go on rising: ids, counts, offsets. */
    private void assertNothingUnbounded() throws Exception {
        for (String role : processes.keySet()) {
            assertThat(scrape(role).lines().filter(line -> line.startsWith("consilium_")))
                    .as("series of %s", role)
                    .hasSizeLessThan(500)
                    .noneMatch(line -> line.matches(".*=\"([^\"]* of \\d+[^\"]*|[^\"]*group-?\\d+[^\"]*)\".*"));
        }
    }
}
