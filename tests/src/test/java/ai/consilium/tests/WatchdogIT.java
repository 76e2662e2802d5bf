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
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
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
    private static final List<String> ROLES =
            List.of("scheduler", "monitor", "advantage", "reward", "merger", "learner");

    @WithKafka
    private static EmbeddedCluster cluster;

    @TempDir(cleanup = CleanupMode.ON_SUCCESS)
    private Path directory;

    private final List<JsonNode> posted = new CopyOnWriteArrayList<>();
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
    void stopServers() {
        hook.stop(0);
        judge.stop(0);
    }

    @Test
    void givenARunWhenItStarvesThenTheStageAndTheCauseAreNamedAndEveryMetricThatIsAskedForIsThere() throws Exception {
        try (WatchedRun run = new WatchedRun(cluster, directory, "starving", settings())) {
            ROLES.forEach(run::start);

            run.untilAlarmed("no_workers");
            run.start("rollout");
            run.untilAlarmed("all_cut");
            assertThat(run.causes()).doesNotContain("no_workers");
            run.untilAlarmed("no_signal");
            assertMetricsAreThere(run);

            judge.stop(0);
            run.untilAlarmed("scorer_down");
            assertThat(run.alarm("scorer_down").path("subject").asText()).isEqualTo("judge");

            run.process("learner").kill();
            run.untilAlarmed("no_learner");
            assertThat(run.alarm("no_learner").path("text").asText()).contains("consilium run learner");
            assertTold(run);
            System.out.println("WatchdogIT: seconds until named: " + run.delays());
        }
    }

    /** At the webhook and in the log. */
    private void assertTold(WatchedRun run) throws IOException {
        assertThat(posted.stream()
                        .filter(body -> body.path("state").asText().equals("firing"))
                        .map(body -> body.path("cause").asText()))
                .contains("no_workers", "all_cut", "scorer_down", "no_learner");
        assertThat(posted).anySatisfy(body -> {
            assertThat(body.path("state").asText()).isEqualTo("resolved");
            assertThat(body.path("cause").asText()).isEqualTo("no_workers");
        });
        String log = Files.readString(run.directory("monitor").resolve("consilium.log"));
        for (String cause : List.of("no_workers", "scorer_down")) {
            assertThat(log.lines().filter(line -> line.contains("WARN") && line.contains("alarm=\"" + cause + "\"")))
                    .as("begin of %s in the log", cause)
                    .hasSize(1);
        }
    }

    private String settings() {
        return """
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
                """.formatted(judge.getAddress().getPort(), hook.getAddress().getPort());
    }

    /** Those of vLLM servers, which this run has not, are named where their meters are made. */
    private static void assertMetricsAreThere(WatchedRun run) throws Exception {
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
            for (String role : run.roles()) {
                byRole.put(role, NamedMetrics.in(run.scrape(role)));
            }
            assertThat(byRole.values())
                    .as("every role has its threads in /metrics")
                    .allSatisfy(names -> assertThat(names).contains("consilium_thread_live", "jvm_memory_used_bytes"));
            Set<String> there = new TreeSet<>();
            byRole.values().forEach(there::addAll);
            assertThat(asked).isSubsetOf(there);
        });
        assertNothingUnbounded(run);
    }

    /** No label's value is made of numbers that go on rising: ids, counts, offsets. */
    private static void assertNothingUnbounded(WatchedRun run) throws Exception {
        for (String role : run.roles()) {
            assertThat(run.scrape(role).lines().filter(line -> line.startsWith("consilium_")))
                    .as("series of %s", role)
                    .hasSizeLessThan(500)
                    .noneMatch(line -> line.matches(".*=\"([^\"]* of \\d+[^\"]*|[^\"]*group-?\\d+[^\"]*)\".*"));
        }
    }
}
