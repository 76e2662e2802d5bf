package ai.consilium.reward.scorer.http;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.RemoteHttp;
import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.lane.ScorerLanes;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.Verdict;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HttpScorerTest {
    private static final Duration PATIENT = Duration.ofSeconds(30);
    private static final Duration IMPATIENT = Duration.ofMillis(300);

    private final AtomicInteger asked = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    @Test
    void givenAReplyWhenAskedThenScoreAndEvidenceAreTaken() throws Exception {
        BlockingQueue<JsonNode> questions = new LinkedBlockingQueue<>();
        AtomicReference<String> token = new AtomicReference<>("");
        answer(exchange -> {
            questions.add(new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()));
            token.set(exchange.getRequestHeaders().getFirst("Authorization"));
            reply(exchange, 200, "{\"score\": 0.7, \"evidence\": [\"urea named\"]}");
        });

        Verdict verdict = score(Map.of("Authorization", "SCORER_TOKEN"));

        assertThat(verdict).isEqualTo(new Verdict.Scored(0.7, List.of("urea named")));
        assertThat(token.get()).isEqualTo("Bearer of-tests");
        JsonNode question = questions.take();
        assertThat(question.at("/case/id").asText()).isEqualTo("sim-1");
        assertThat(question.at("/case/evidence/findings/0/value").asText()).isEqualTo("one");
        assertThat(question.path("completion").asText()).contains("<think>");
        assertThat(question.path("perspective").asText()).isEqualTo("analytical");
    }

    @Test
    void givenAFirstTryThatFailsWhenTriedAgainThenTheScoreIsTaken() throws Exception {
        answer(exchange -> {
            if (asked.get() == 1) {
                reply(exchange, 500, "sorry");
            } else {
                reply(exchange, 200, "{\"score\": 1}");
            }
        });

        assertThat(score(Map.of())).isEqualTo(new Verdict.Scored(1, List.of()));
        assertThat(asked).hasValue(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | sorry                | status 500 (2 tries)         | 2",
                "429 | slower               | status 429 (2 tries)         | 2",
                "404 | who?                 | status 404                   | 1",
                "302 | elsewhere            | status 302                   | 1",
                "200 | <html>               | reply is not JSON            | 1",
                "200 | {\"score\": 1} more  | reply is not JSON            | 1",
                "200 | {\"score\": \"1\"}   | reply has no number 'score'| 1",
                "200 | {\"score\": 1.5}     | score 1.5 is not in [0, 1]   | 1",
                "200 | {\"score\": -0.1}    | score -0.1 is not in [0, 1]  | 1",
                "200 | {\"score\": NaN}     | reply is not JSON            | 1",
                "200 | {\"score\": 1e999}   | score Infinity is not in [0, 1] | 1",
                "200 | {\"score\": 0, \"score\": 1} | reply is not JSON     | 1",
                "200 | {\"trajectory_id\": \"t-2\", \"score\": 1} | reply is about another trajectory | 1",
                "200 | 0.7                   | reply has no number 'score' (protocol: slime would take it) | 1",
                "200 | {\"rewards\": [0.7]}  | reply has no number 'score' (protocol: openrlhf would take it) | 1",
                "200 | {\"reward\": 0.7}     | reply has no number 'score' (protocol: slime or nemo-gym would take it) | 1",
                "200 | {\"unscored\": \"not my field\"} | not my field     | 1",
            })
    void givenAReplyThatIsNoScoreWhenAskedThenItIsUnscoredWithItsReason(
            int status, String body, String reason, int tries) throws Exception {
        answer(exchange -> reply(exchange, status, body));

        assertThat(score(Map.of())).isEqualTo(new Verdict.Unscored(reason));
        assertThat(asked).hasValue(tries);
    }

    @Test
    void givenASlowServiceWhenAskedThenItIsUnscored() throws Exception {
        answer(exchange -> awaitRelease());

        assertThat(scoreImpatiently()).isEqualTo(new Verdict.Unscored("no reply within 300 ms (2 tries)"));
    }

    @Test
    void givenAReplyThatDripsInWhenAskedThenItIsBoundedToo() throws Exception {
        answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"score\":".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            awaitRelease();
        });

        assertThat(scoreImpatiently()).isEqualTo(new Verdict.Unscored("no reply within 300 ms (2 tries)"));
    }

    @Test
    void givenAnEndlessReplyWhenAskedThenItIsRefused() throws Exception {
        answer(exchange -> reply(exchange, 200, "{\"score\": 1, \"evidence\": [\"" + "x".repeat(100_000) + "\"]}"));

        assertThat(score(Map.of())).isEqualTo(new Verdict.Unscored("reply is longer than 4096 bytes"));
    }

    @Test
    void givenAServiceThatIsDownWhenAskedThenItIsUnscored() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }

        assertThat(score("http://127.0.0.1:" + port + "/", Map.of()))
                .isEqualTo(new Verdict.Unscored("cannot connect (2 tries)"));
    }

    @Test
    void givenAMissingSecretWhenAskedThenItIsNamedAndNothingIsSent() throws Exception {
        answer(exchange -> reply(exchange, 200, "{\"score\": 1}"));

        assertThat(score(Map.of("X-Key", "SCORER_ABSENT")))
                .isEqualTo(new Verdict.Unscored("environment variable SCORER_ABSENT is not set"));
        assertThat(asked).hasValue(0);
    }

    @Test
    void givenASecretThatIsNoHeaderValueWhenAskedThenItsVariableIsNamedAndNotItsValue() throws Exception {
        answer(exchange -> reply(exchange, 200, "{\"score\": 1}"));

        assertThat(score(Map.of("X-Key", "SCORER_BROKEN")))
                .isEqualTo(new Verdict.Unscored("environment variable SCORER_BROKEN cannot be sent as header X-Key"));
        assertThat(asked).hasValue(0);
    }

    @Test
    void givenAServiceThatRepeatsItsSecretWhenAskedThenItIsNotRecorded() throws Exception {
        answer(exchange -> reply(
                exchange,
                200,
                "{\"score\": 1, \"evidence\": [\"told "
                        + exchange.getRequestHeaders().getFirst("X-Key") + "\", \"or of-tests\"]}"));

        assertThat(score(Map.of("X-Key", "SCORER_TOKEN")))
                .isEqualTo(new Verdict.Scored(1, List.of("told ***", "or ***")));
    }

    @Test
    void givenARedirectWhenAskedThenItIsNotFollowed() throws Exception {
        AtomicInteger elsewhere = new AtomicInteger();
        server.createContext("/elsewhere", exchange -> {
            elsewhere.incrementAndGet();
            reply(exchange, 200, "{\"score\": 1}");
            exchange.close();
        });
        answer(exchange -> {
            exchange.getResponseHeaders().set("Location", "/elsewhere");
            reply(exchange, 307, "");
        });

        assertThat(score(Map.of())).isEqualTo(new Verdict.Unscored("status 307"));
        assertThat(elsewhere).hasValue(0);
    }

    @Test
    void givenAReplyOfWhichAByteComesNowAndThenWhenAskedThenTheWholeIsBoundedInTime() throws Exception {
        answer(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try {
                while (!released.await(50, TimeUnit.MILLISECONDS)) {
                    exchange.getResponseBody().write(' ');
                    exchange.getResponseBody().flush();
                }
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
        });

        assertThat(scoreImpatiently()).isEqualTo(new Verdict.Unscored("no reply within 300 ms (2 tries)"));
    }

    private interface Reply {
        void to(HttpExchange exchange) throws IOException;
    }

    private void answer(Reply reply) {
        server.createContext("/score", exchange -> {
            asked.incrementAndGet();
            try (exchange) {
                reply.to(exchange);
            }
        });
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getRequestBody().readAllBytes();
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private void awaitRelease() throws IOException {
        try {
            released.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    private Verdict score(Map<String, String> headers) throws InterruptedException {
        return score("http://127.0.0.1:" + server.getAddress().getPort() + "/score", headers);
    }

    private static Verdict score(String url, Map<String, String> headers) throws InterruptedException {
        return score(url, PATIENT, headers);
    }

    private Verdict scoreImpatiently() throws InterruptedException {
        return score("http://127.0.0.1:" + server.getAddress().getPort() + "/score", IMPATIENT, Map.of());
    }

    private static Verdict score(String url, Duration timeout, Map<String, String> headers)
            throws InterruptedException {
        HttpCheck check = new HttpCheck(
                url, timeout.toMillis(), 1, 5, 4096, new TreeMap<>(headers), null, null, null, null, null, null);
        Map<String, String> environment = Map.of("SCORER_TOKEN", "Bearer of-tests", "SCORER_BROKEN", "two\nlines");
        HttpScorer scorer = new HttpScorer(
                new ScorerType.Identity("remote", null, "v"),
                check,
                new ScorerType.Resources(RemoteHttp.client(), environment::get, new AddressGuard(List.of())));
        try (ScorerLanes lanes = ScoringExamples.lanes()) {
            return lanes.of(scorer)
                    .ask(ScoringExamples.submission(ScoringExamples.thinking("film one"), "analytical"), true)
                    .join()
                    .verdict();
        }
    }
}
