package ai.consilium.monitor.watchdog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ai.consilium.monitor.MonitorConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookTest {
    private static final Alarm ALARM =
            new Alarm("no_learner", "learner", "", "critical", 1_000, "there is no \"learner\"\nhere");

    private final List<JsonNode> received = new CopyOnWriteArrayList<>();
    private final AtomicInteger failing = new AtomicInteger();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/hook", call -> {
            received.add(new ObjectMapper().readTree(call.getRequestBody()));
            call.sendResponseHeaders(failing.getAndDecrement() > 0 ? 503 : 204, -1);
            call.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private Webhook webhook() {
        URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/hook/s3cret");
        return new Webhook(url, "run", Duration.ofSeconds(5));
    }

    @Test
    void givenAnAlarmWhenItBeginsAndEndsThenBothArePostedInOrder() {
        try (Webhook webhook = webhook()) {
            webhook.send(ALARM, true, 2_000);
            webhook.send(ALARM, false, 3_000);
        }
        assertThat(received).extracting(body -> body.path("state").asText()).containsExactly("firing", "resolved");
        JsonNode first = received.get(0);
        assertThat(first.path("run").asText()).isEqualTo("run");
        assertThat(first.path("cause").asText()).isEqualTo("no_learner");
        assertThat(first.path("stage").asText()).isEqualTo("learner");
        assertThat(first.path("since").asText()).isEqualTo("1970-01-01T00:00:01Z");
        assertThat(first.path("text").asText()).isEqualTo(ALARM.text());
    }

    @Test
    void givenAServerThatFailsOnceThenTheAlarmIsPostedAgain() {
        failing.set(1);
        try (Webhook webhook = webhook()) {
            webhook.send(ALARM, true, 2_000);
            await().atMost(Duration.ofSeconds(30)).until(() -> received.size() == 2);
        }
    }

    @Test
    void givenNoWebhookOrOneThatMayBeAskedThenTheConfigurationIsTaken() {
        assertThat(config("").webhookUrl()).isEmpty();
        assertThat(config("https://hooks.example.org/T0/s3cret").webhookUrl()).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hooks.example.org/s3cret",
                "ftp://hooks.example.org/s3cret",
                "https://u:s3cret@hooks.example.org/",
                "http://169.254.169.254/s3cret",
                "http://metadata.google.internal/s3cret"
            })
    void givenAnAddressThatMustNotBeAskedThenItIsRefusedByKeyAndNotRepeated(String url) {
        assertThatThrownBy(() -> config(url))
                .hasMessageStartingWith("webhook: ")
                .hasMessageNotContaining("s3cret");
    }

    private static MonitorConfig config(String webhook) {
        return new MonitorConfig("127.0.0.1", 0, Duration.ofSeconds(1), "", webhook, WatchConfig.DEFAULT);
    }
}
