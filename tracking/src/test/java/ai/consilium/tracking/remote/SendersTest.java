package ai.consilium.tracking.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.service.ServiceThread;
import ai.consilium.tracking.lines.MetricLine;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SendersTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path dir;

    private RecordingServer server;

    @BeforeEach
    void start() throws Exception {
        server = new RecordingServer();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Senders.Address to(String path, String token) {
        return new Senders.Address(server.url(path), token, Duration.ofSeconds(5));
    }

    private static void sendAll(Senders senders) {
        try (ServiceThread thread = new ServiceThread("senders", senders)) {
            thread.start();
            senders.complete();
            await().atMost(SOON).until(thread::ended);
            assertThat(thread.failure()).isEmpty();
        }
    }

    @Test
    void givenAServerThatIsAwayWhenItComesBackThenEveryEventIsSentOnceInOrder() throws Exception {
        Path events = Files.writeString(dir.resolve("events.jsonl"), "{\"n\":1}\n{\"n\":2}\n");
        server.answersWith(503);
        Senders senders = new Senders(dir);
        senders.openLineage(events, to("/api/v1/lineage", "secret"));
        try (ServiceThread thread = new ServiceThread("senders", senders)) {
            thread.start();
            await().atMost(SOON).until(() -> thread.waitingFor().contains("lines"));
            server.answersWith(200);
            await().atMost(SOON).until(() -> server.calls().size() == 2);
        }
        assertThat(server.calls())
                .containsExactly(
                        new RecordingServer.Call("/api/v1/lineage", "Bearer secret", "{\"n\":1}"),
                        new RecordingServer.Call("/api/v1/lineage", "Bearer secret", "{\"n\":2}"));

        Files.writeString(events, "{\"n\":1}\n{\"n\":2}\n{\"n\":3}\n");
        Senders resumed = new Senders(dir);
        resumed.openLineage(events, to("/api/v1/lineage", "secret"));
        sendAll(resumed);

        assertThat(server.bodies("/api/v1/lineage")).containsExactly("{\"n\":1}", "{\"n\":2}", "{\"n\":3}");
    }

    @Test
    void givenAServerThatStaysAwayWhenTheRunEndsThenTheThreadEndsTooAndHasNotFailed() throws Exception {
        Path events = Files.writeString(dir.resolve("events.jsonl"), "{\"n\":1}\n");
        server.answersWith(500);
        Senders senders = new Senders(dir);
        senders.openLineage(events, to("/", ""));

        sendAll(senders);

        assertThat(server.calls()).isEmpty();
    }

    @Test
    void givenMetricsWhenLoggedToMlflowThenTheyLieInOneRunAlsoAfterAResume() throws Exception {
        List<String> lines = new ArrayList<>();
        for (int version = 0; version < 3; version++) {
            lines.add(new MetricLine(
                            "pediatrics",
                            version,
                            "reinforcement",
                            1000 + version,
                            new TreeMap<>(Map.of("reward/mean", 0.5 + version, "lost", Double.NaN)))
                    .toJson());
        }
        Path metrics = Files.writeString(dir.resolve("metrics.jsonl"), lines.get(0) + "\n");
        TreeMap<String, String> settings = new TreeMap<>(Map.of("seed", "1"));
        Senders first = new Senders(dir);
        first.mlflow(metrics, to("", ""), "consilium", "a", settings);
        sendAll(first);
        Files.write(metrics, lines);
        Senders resumed = new Senders(dir);
        resumed.mlflow(metrics, to("", ""), "consilium", "a", settings);
        sendAll(resumed);

        assertThat(server.bodies("/api/2.0/mlflow/experiments/create")).containsExactly("{\"name\":\"consilium\"}");
        assertThat(server.bodies("/api/2.0/mlflow/runs/create"))
                .singleElement()
                .asString()
                .contains("\"run_name\":\"a\"");
        List<JsonNode> logged = new ArrayList<>();
        for (String body : server.bodies("/api/2.0/mlflow/runs/log-batch")) {
            JsonNode batch = JSON.readTree(body);
            assertThat(batch.path("run_id").asText()).isEqualTo("r-1");
            batch.path("metrics").forEach(logged::add);
        }
        assertThat(logged)
                .extracting(JsonNode::toString)
                .containsExactly(
                        "{\"key\":\"pediatrics/reward/mean\",\"value\":0.5,\"timestamp\":1000,\"step\":0}",
                        "{\"key\":\"pediatrics/reward/mean\",\"value\":1.5,\"timestamp\":1001,\"step\":1}",
                        "{\"key\":\"pediatrics/reward/mean\",\"value\":2.5,\"timestamp\":1002,\"step\":2}");
        assertThat(server.bodies("/api/2.0/mlflow/runs/update")).hasSize(2).allMatch(body -> body.contains("FINISHED"));
    }
}
