package ai.consilium.platform.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.DeadLetter;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Sampling;
import ai.consilium.schemas.Scores;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.avro.specific.SpecificRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TelemetryTest {
    private final List<String> posts = new CopyOnWriteArrayList<>();
    private HttpServer collector;

    @BeforeEach
    void start() throws IOException {
        collector = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        collector.createContext("/", call -> {
            posts.add(call.getRequestMethod() + " " + call.getRequestURI());
            call.getRequestBody().readAllBytes();
            call.sendResponseHeaders(200, -1);
            call.close();
        });
        collector.start();
    }

    @AfterEach
    void stop() {
        collector.stop(0);
    }

    private Telemetry telemetry(String run, String role) {
        return new Telemetry(
                new TelemetryConfig("http://127.0.0.1:" + collector.getAddress().getPort()), run, role, role + "-a");
    }

    @Test
    void givenRecordsOfOneGroupWhenWrittenByDifferentProcessesThenTheyAreOfOneTraceAndAgainTheSameSpans() {
        try (Telemetry scheduler = telemetry("run", "scheduler");
                Telemetry reward = telemetry("run", "reward");
                Telemetry other = telemetry("other", "scheduler")) {
            String prompt = header(scheduler, prompt("g-1"));
            assertThat(prompt).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-01");
            String scores = header(reward, new Scores("t", "g-1", 0, "plan", List.of(), 5L));

            assertThat(trace(scores)).isEqualTo(trace(prompt));
            assertThat(scores).isNotEqualTo(prompt);
            assertThat(header(telemetry("run", "scheduler"), prompt("g-1"))).isEqualTo(prompt);
            assertThat(trace(header(scheduler, prompt("g-2")))).isNotEqualTo(trace(prompt));
            assertThat(trace(header(other, prompt("g-1")))).isNotEqualTo(trace(prompt));
        }
        assertThat(posts).isNotEmpty().allMatch("POST /v1/traces"::equals);
    }

    @Test
    void givenARecordThatIsNoPartOfAGroupsWayThenItHasNoHeader() {
        try (Telemetry telemetry = telemetry("run", "monitor")) {
            assertThat(telemetry.written(new DeadLetter())).isNull();
        }
        assertThat(posts).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "http://127.0.0.1:4318, http://127.0.0.1:4318/v1/traces",
        "http://127.0.0.1:4318/, http://127.0.0.1:4318/v1/traces",
        "https://tempo.example.org/otlp/v1/traces, https://tempo.example.org/otlp/v1/traces"
    })
    void givenAnAddressThenSpansGoToThePathOfTheProtocolUnlessItHasOne(String address, String endpoint) {
        assertThat(new TelemetryConfig(address).endpoint()).isEqualTo(endpoint);
    }

    @Test
    void givenNoWebAddressThenItIsRefusedByKey() {
        assertThat(new TelemetryConfig("").wanted()).isFalse();
        assertThatThrownBy(() -> new TelemetryConfig("127.0.0.1:4318")).hasMessageStartingWith("otlp: ");
    }

    private static String header(Telemetry telemetry, SpecificRecord record) {
        return Objects.requireNonNull(telemetry.written(record));
    }

    private static String trace(String header) {
        return header.split("-", -1)[1];
    }

    private static Prompt prompt(String group) {
        return Prompt.newBuilder()
                .setGroupId(group)
                .setSpecialty("pediatrics")
                .setCaseRef(new CaseRef("train.jsonl", "00", "case-1"))
                .setMembers(List.of("none"))
                .setSampling(new Sampling(1.0, 64))
                .setGroupSeed(7)
                .setDeadlineMs(Long.MAX_VALUE)
                .setScoringConfigHash("none")
                .setAdmittedAtVersion(0)
                .setCreatedMs(1)
                .build();
    }
}
