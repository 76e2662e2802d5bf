package ai.consilium.monitor;

import static ai.consilium.monitor.state.Stories.PEDIATRICS;
import static ai.consilium.monitor.state.Stories.event;
import static ai.consilium.monitor.state.Stories.group;
import static ai.consilium.monitor.state.Stories.outcome;
import static ai.consilium.monitor.state.Stories.update;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.EmbeddedCluster;
import ai.consilium.testing.RunRecords;
import ai.consilium.testing.WithKafka;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.Test;

class MonitorServiceIT {
    private static final MonitorConfig CONFIG = new MonitorConfig("127.0.0.1", 0, Duration.ofMillis(200), "");

    @WithKafka
    private static EmbeddedCluster cluster;

    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void givenAMonitorWhenRecordsAreWrittenThenTheyAppearOnThePageAndInItsStream() throws Exception {
        // given
        RunContext run = cluster.run(PEDIATRICS);
        try (MonitorService monitor = new MonitorService(run, CONFIG, MonitorInputs.of(2));
                Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            monitor.start();
            assertThat(monitor.address()).startsWith("http://127.0.0.1:");

            // when
            send(run, producer, Topics.PROMPTS, "g-1", RunRecords.prompt("g-1", PEDIATRICS));
            send(run, producer, Topics.POLICY_UPDATES, PEDIATRICS, update(0, 1, false));
            send(run, producer, Topics.TRAINING_GROUPS, PEDIATRICS, group("g-1", 0, 1.0, 0.75));
            send(run, producer, Topics.POLICY_UPDATES, PEDIATRICS, update(1, 2, false, "g-1"));
            send(run, producer, Topics.GROUP_OUTCOMES, "g-1", outcome("g-1", Outcome.TRAINED));
            String hostile = "<img src=x onerror=alert(1)>";
            send(
                    run,
                    producer,
                    Topics.RUN_EVENTS,
                    "run",
                    event(EventKind.REFUSED, 3, hostile, Map.of("cases", "simulated")));

            // then
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                JsonNode picture = json(get(monitor.address() + "/api/picture").body());
                assertThat(picture.at("/specialties/0/version").asLong()).isEqualTo(1);
                assertThat(picture.at("/flow/arrows/3/total").asLong()).isEqualTo(1);
                assertThat(picture.at("/reading").asBoolean()).isFalse();
                assertThat(picture.at("/books/outcomes/trained").asInt()).isEqualTo(1);
                assertThat(picture.at("/books/open").asInt()).isZero();
                assertThat(picture.at("/simulated").asBoolean()).isTrue();
                assertThat(picture.at("/events/0/message").asText()).isEqualTo(hostile);
            });
            assertThat(streamed(monitor.address(), 2).at("/books/prompts").asInt())
                    .isEqualTo(1);

            // when another group is prompted, then it waits for a worker
            send(run, producer, Topics.PROMPTS, "g-2", RunRecords.prompt("g-2", PEDIATRICS));
            await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
                assertThat(waiting(run, "workers")).isEqualTo(1);
                assertThat(waiting(run, "rewards")).isZero();
            });
        }
    }

    private static double waiting(RunContext run, String stage) {
        return run.metrics()
                .get(MetricNames.STAGE_WAITING)
                .tag("stage", stage)
                .gauge()
                .value();
    }

    @Test
    void givenMoreEventsThanThePageShowsWhenAskedForThenOlderOnesComeFromTheLog() throws Exception {
        // given 60 events that are shown, each behind one that is not
        RunContext run = cluster.run(PEDIATRICS);
        try (MonitorService monitor = new MonitorService(run, CONFIG, MonitorInputs.of(2));
                Producer<String, SpecificRecord> producer = run.kafka().producer("test")) {
            for (int i = 0; i < 60; i++) {
                send(run, producer, Topics.RUN_EVENTS, "run", event(EventKind.PROGRESS, i, "step " + i, Map.of()));
                send(run, producer, Topics.RUN_EVENTS, "run", event(EventKind.PHASE, i, "phase " + i, Map.of()));
            }
            monitor.start();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> json(get(monitor.address() + "/api/picture").body())
                            .at("/events/0/message")
                            .asText()
                            .equals("phase 59"));
            JsonNode newest =
                    json(get(monitor.address() + "/api/picture").body()).path("events");
            long before = newest.get(newest.size() - 1).path("offset").asLong();

            // when
            JsonNode older =
                    json(get(monitor.address() + "/api/events?before=" + before).body());

            // then they follow each other without a gap
            assertThat(newest).hasSize(50);
            assertThat(newest.get(49).path("message").asText()).isEqualTo("phase 10");
            assertThat(older.path("events").findValuesAsText("message"))
                    .hasSize(10)
                    .startsWith("phase 9", "phase 8")
                    .endsWith("phase 0");
            assertThat(older.path("next").isNull()).isTrue();
        }
    }

    @Test
    void givenTheLivePageWhenLoadedThenItIsSelfContainedAndForbidsForeignCode() throws Exception {
        RunContext run = cluster.run(PEDIATRICS);
        try (MonitorService monitor = new MonitorService(run, CONFIG, MonitorInputs.of(2))) {
            monitor.start();

            HttpResponse<String> page = get(monitor.address() + "/");
            HttpResponse<String> script = get(monitor.address() + "/page.js");
            HttpResponse<String> style = get(monitor.address() + "/page.css");

            assertThat(page.headers().firstValue("Content-Security-Policy"))
                    .hasValueSatisfying(policy -> assertThat(policy).contains("default-src 'none'"));
            assertThat(page.body()).contains("simulated cases").doesNotContain("http://", "https://");
            assertThat(script.headers().firstValue("Content-Type"))
                    .hasValueSatisfying(type -> assertThat(type).startsWith("text/javascript"));
            assertThat(style.statusCode()).isEqualTo(200);
            for (String name :
                    List.of("page", "dom", "figures", "flow", "charts", "panels", "merge", "events", "samples")) {
                assertThat(get(monitor.address() + "/" + name + ".js").body())
                        .as(name)
                        .isNotEmpty()
                        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
            }
            assertThat(get(monitor.address() + "/nothing").statusCode()).isEqualTo(404);
        }
    }

    @Test
    void givenAPortInUseWhenStartedThenItIsRefusedByKey() throws IOException {
        RunContext run = cluster.run(PEDIATRICS);
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                MonitorService monitor = new MonitorService(
                        run,
                        new MonitorConfig("127.0.0.1", taken.getLocalPort(), Duration.ofSeconds(1), ""),
                        MonitorInputs.of(2))) {
            assertThatThrownBy(monitor::start)
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("monitor.port");
        }
    }

    private static void send(
            RunContext run, Producer<String, SpecificRecord> producer, Topics topic, String key, SpecificRecord value)
            throws Exception {
        producer.send(new ProducerRecord<>(run.kafka().topic(topic), key, value))
                .get();
    }

    private HttpResponse<String> get(String url) throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(URI.create(url))
                        .timeout(Duration.ofSeconds(10))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The picture in the n-th event of the stream. */
    private JsonNode streamed(String address, int events) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address + "/api/stream"))
                .header("Accept", "text/event-stream")
                .timeout(Duration.ofSeconds(10))
                .build();
        try (Stream<String> lines =
                http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
            Iterator<String> data =
                    lines.filter(line -> line.startsWith("data:")).iterator();
            String last = "";
            for (int event = 0; event < events; event++) {
                last = data.next();
            }
            return json(last.substring("data:".length()));
        }
    }

    private static JsonNode json(String text) throws IOException {
        return new ObjectMapper().readTree(text);
    }
}
