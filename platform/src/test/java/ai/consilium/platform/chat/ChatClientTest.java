package ai.consilium.platform.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.chat.ChatException.Kind;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ChatClientTest {
    private static final String ANSWER =
            "{\"model\":\"m-1\",\"choices\":[{\"finish_reason\":\"stop\",\"message\":{\"content\":\"B\"}}],"
                    + "\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3}}";
    private static final int SMALL = 10_000;

    /** One reply of the server. */
    @FunctionalInterface
    private interface Step {
        void answer(HttpExchange exchange) throws IOException, InterruptedException;
    }

    @TempDir
    Path dir;

    private final List<String> bodies = new CopyOnWriteArrayList<>();
    private final Deque<Step> steps = new ArrayDeque<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final ChatBudget budget = ChatBudget.unlimited();
    private HttpServer server;
    /** Long enough for a busy machine. */
    private Duration patience = Duration.ofSeconds(60);

    @BeforeEach
    void serve() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", exchange -> {
            try (exchange) {
                bodies.add(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
                Step step;
                synchronized (steps) {
                    step = steps.size() > 1 ? steps.remove() : Objects.requireNonNull(steps.peek());
                }
                step.answer(exchange);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private static Step reply(int status, String body, String... header) {
        return exchange -> {
            if (header.length > 0) {
                exchange.getResponseHeaders().set(header[0], header[1]);
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        };
    }

    private String base() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    private ChatClient client(@Nullable String key, ChatBudget spend, @Nullable ChatCache cache) {
        URI url = ChatEndpoint.route("--url", base(), "--api-key-env");
        return new ChatClient(
                RemoteHttp.client(),
                new ChatEndpoint(url, key, patience, 3, Duration.ofMillis(1), SMALL),
                spend,
                cache);
    }

    private ChatAnswer ask(Step... replies) throws ChatException, InterruptedException {
        steps.addAll(List.of(replies));
        return client("sk-1", budget, null).ask(call("hello"));
    }

    private static ChatCall call(String words) {
        return ChatCall.of("m", "be brief", List.of(), words, new ChatCall.Drawing(0.5, 1, 50), Map.of());
    }

    @Test
    void givenAnAnswerWhenAskedThenTextModelAndTokensAreRead() throws Exception {
        ChatAnswer answer = ask(reply(200, ANSWER));

        assertThat(answer).isEqualTo(new ChatAnswer("B", "", false, false, "m-1", 7, 3, false));
        JsonNode body = new ObjectMapper().readTree(bodies.get(0));
        assertThat(body.at("/messages/0/content").asText()).isEqualTo("be brief");
        assertThat(body.at("/messages/1/content").asText()).isEqualTo("hello");
        assertThat(body.path("max_tokens").asInt()).isEqualTo(50);
        assertThat(budget.tokens()).isEqualTo(10);
    }

    @Test
    void givenPartsReasoningAndNoUsageWhenAskedThenTextIsJoinedAndTheMostTokensAreCounted() throws Exception {
        ChatAnswer answer = ask(reply(
                200,
                "{\"choices\":[{\"finish_reason\":\"length\",\"message\":{\"reasoning_content\":\"why\","
                        + "\"content\":[{\"type\":\"text\",\"text\":\"a\"},{\"type\":\"text\",\"text\":\"b\"}]}}]}"));

        assertThat(answer).isEqualTo(new ChatAnswer("ab", "why", true, false, "", 0, 50, false));
    }

    @ParameterizedTest
    @ValueSource(ints = {408, 429, 500, 503})
    void givenAServerThatIsBusyWhenAskedThenItIsAskedAgain(int status) throws Exception {
        assertThat(ask(reply(status, "busy", "Retry-After", "0"), reply(200, ANSWER))
                        .text())
                .isEqualTo("B");
        assertThat(bodies).hasSize(2);
        assertThat(budget.requests()).isEqualTo(2);
    }

    @Test
    void givenADateToWaitForWhenItIsPastThenItIsAskedAtOnce() throws Exception {
        String past = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).minusHours(1));
        assertThat(ask(reply(429, "busy", "Retry-After", past), reply(200, ANSWER))
                        .text())
                .isEqualTo("B");
    }

    @Test
    void givenALongTimeToWaitForWhenAskedThenItGivesUp() {
        assertThatThrownBy(() -> ask(reply(429, "come back tomorrow", "Retry-After", "86400")))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUTAGE))
                .hasMessageEndingWith("status 429: come back tomorrow; it asks to wait for 86400 s");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void givenAReplyThatHangsWhenAskedThenEachTryEndsInTime() {
        patience = Duration.ofSeconds(1);
        assertThatThrownBy(() -> ask(exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write('{');
                    exchange.getResponseBody().flush();
                    released.await();
                }))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OUTAGE))
                .hasMessageEndingWith("no reply within 1 s (3 tries)");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "401 | {\"error\":{\"message\":\"bad key sk-1\"}} | SETUP   | status 401: bad key ***",
                "404 | {\"message\":\"no model m\"}               | SETUP   | status 404: no model m",
                "302 | moved                                      | SETUP   | status 302: moved; it points elsewhere, which is not followed",
                "400 | {\"detail\":\"too long\"}                  | REQUEST | status 400: too long",
                "200 | <html> a login page                        | REQUEST | the reply is not JSON: <html> a login page",
                "200 | {\"object\":\"list\"}                      | REQUEST | the reply has no 'choices' with a 'message'",
                "200 | {\"error\":{\"message\":\"upstream\"}}     | OUTAGE  | error: upstream (3 tries)"
            })
    void givenARefusalWhenAskedThenItsKindAndTheServersWordsAreTold(
            int status, String body, Kind kind, String message) {
        assertThatThrownBy(() -> ask(reply(status, body)))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage(base() + "/chat/completions: " + message);
    }

    @Test
    void givenAReplyThatNeverEndsWhenAskedThenItIsCutOff() {
        assertThatThrownBy(() -> ask(reply(200, "x".repeat(SMALL + 1))))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REQUEST))
                .hasMessageEndingWith("reply is longer than " + SMALL + " bytes");
        assertThat(bodies).hasSize(1);
    }

    @Test
    void givenAKnownRequestWhenAskedAgainThenTheCacheAnswersAndADamagedFileIsMended() throws Exception {
        steps.add(reply(200, ANSWER));
        ChatCache cache = new ChatCache(dir);
        ChatClient client = client("sk-1", budget, cache);

        assertThat(client.ask(call("hello")).cached()).isFalse();
        assertThat(client.ask(call("hello"))).isEqualTo(new ChatAnswer("B", "", false, false, "m-1", 7, 3, true));
        assertThat(client.ask(call("another")).cached()).isFalse();
        assertThat(bodies).hasSize(2);

        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.writeString(file, "{\"cho");
            }
        }
        assertThat(client.ask(call("hello")).cached()).isFalse();
        assertThat(client.ask(call("hello")).cached()).isTrue();
    }

    @Test
    void givenABudgetWhenItIsSpentThenNothingIsSent() throws Exception {
        steps.add(reply(200, ANSWER));
        ChatClient requests = client(null, new ChatBudget(1, Long.MAX_VALUE), null);
        requests.ask(call("hello"));
        assertThatThrownBy(() -> requests.ask(call("hello")))
                .isInstanceOfSatisfying(
                        ChatException.class, e -> assertThat(e.kind()).isEqualTo(Kind.BUDGET))
                .hasMessage("the budget of 1 requests is spent");

        ChatClient tokens = client(null, new ChatBudget(Long.MAX_VALUE, 55), null);
        tokens.ask(call("hello"));
        assertThatThrownBy(() -> tokens.ask(call("hello")))
                .hasMessage("of the budget of 55 tokens 10 are spent, and the next answer may take 50");
        assertThat(bodies).hasSize(2);

        // 7 tokens of the prompt at 1 a million, 3 of the answer at 10
        ChatBudget spend = new ChatBudget(Long.MAX_VALUE, Long.MAX_VALUE, new ChatBudget.Money(0.00053, 1, 10), null);
        ChatClient money = client(null, spend, null);
        money.ask(call("hello"));
        assertThat(spend.cost()).isEqualTo(37e-6, within(1e-12));
        assertThatThrownBy(() -> money.ask(call("hello")))
                .hasMessage("of the budget of 5.3E-4, 0.0000 is spent, and the next answer may cost 0.0005");
        assertThat(bodies).hasSize(3);
    }

    @Test
    void givenALedgerWhenStartedAgainThenTheBudgetGoesOnFromWhatIsSpent() throws Exception {
        steps.add(reply(200, ANSWER));
        Path file = dir.resolve("spent/run/judge");
        ChatBudget.Money money = new ChatBudget.Money(1, 1, 10);
        client(null, new ChatBudget(2, 1000, money, new ChatLedger(file)), null).ask(call("hello"));
        Files.writeString(file, "12", StandardOpenOption.APPEND);

        ChatBudget again = new ChatBudget(2, 1000, money, new ChatLedger(file));

        assertThat(again.requests()).isEqualTo(1);
        assertThat(again.tokens()).isEqualTo(10);
        assertThat(again.cost()).isEqualTo(37e-6, within(1e-12));
        ChatClient client = client(null, again, null);
        client.ask(call("hello"));
        assertThatThrownBy(() -> client.ask(call("hello"))).hasMessage("the budget of 2 requests is spent");
    }

    @Test
    void givenABoundWhenItIsReachedThenTheRepliesThatNobodyWantedLongestGo() throws Exception {
        String reply = ANSWER.replace("\"B\"", "\"" + "x".repeat(1000) + "\"");
        steps.add(reply(200, reply));
        ChatCache cache = new ChatCache(dir, 5 * reply.length());
        ChatClient client = client(null, budget, cache);
        for (int i = 0; i < 5; i++) {
            client.ask(call("question " + i));
            age();
        }
        assertThat(client.ask(call("question 0")).cached()).isTrue();

        client.ask(call("question 5"));

        assertThat(client.known(call("question 0"))).isPresent();
        assertThat(client.known(call("question 1"))).isEmpty();
        assertThat(client.known(call("question 2"))).isEmpty();
        assertThat(client.known(call("question 5"))).isPresent();
    }

    /** Makes every reply of the cache a minute older. */
    private void age() throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.setLastModifiedTime(
                        file,
                        FileTime.fromMillis(Files.getLastModifiedTime(file).toMillis() - 60_000));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"finish_reason\":\"content_filter\",\"message\":{\"content\":null}}",
                "{\"finish_reason\":\"stop\",\"message\":{\"content\":null,\"refusal\":\"I cannot\"}}"
            })
    void givenARefusalWhenAskedThenItIsToldFromAnAnswer(String choice) throws Exception {
        assertThat(ask(reply(200, "{\"choices\":[" + choice + "]}")).refused()).isTrue();
    }

    @Test
    void givenPicturesAndFieldsOfAServerWhenWrittenThenTheyStandInTheBody() throws Exception {
        ChatCall call = ChatCall.of(
                "m",
                "",
                List.of(new ChatCall.Picture("image/png", new byte[] {1, 2, 3})),
                "what?",
                new ChatCall.Drawing(0, 1, 5),
                Map.of("max_tokens", NullNode.getInstance(), "top_p", new ObjectMapper().readTree("0.9")));

        JsonNode body = new ObjectMapper().readTree(call.body());
        assertThat(body.at("/messages/0/content/0/image_url/url").asText()).isEqualTo("data:image/png;base64,AQID");
        assertThat(body.at("/messages/0/content/1/text").asText()).isEqualTo("what?");
        assertThat(body.has("max_tokens")).isFalse();
        assertThat(body.path("top_p").asDouble()).isEqualTo(0.9);
    }

    @ParameterizedTest
    @CsvSource({
        "http://h:8000/v1,                     http://h:8000/v1/chat/completions",
        "http://h/v1/,                         http://h/v1/chat/completions",
        "https://h/v1/chat/completions,        https://h/v1/chat/completions",
        "https://h/openai/d?api-version=1,     https://h/openai/d/chat/completions?api-version=1"
    })
    void givenAnAddressWhenCompletedThenItNamesTheRoute(String base, String route) {
        assertThat(ChatEndpoint.route("--url", base, "")).hasToString(route);
    }

    @Test
    void givenAKeyWhenTheEndpointIsPrintedThenItIsNotShown() {
        ChatEndpoint endpoint = new ChatEndpoint(
                URI.create("https://h/v1?code=secret"), "sk-1", Duration.ofSeconds(1), 1, Duration.ZERO, 1);
        assertThat(endpoint).hasToString("ChatEndpoint[https://h/v1]");
        assertThatThrownBy(() -> new ChatEndpoint(
                        URI.create("https://h/v1"), "a\nb", Duration.ofSeconds(1), 1, Duration.ZERO, 1))
                .hasMessageNotContaining("a\nb");
    }
}
