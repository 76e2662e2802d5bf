package ai.consilium.reward;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A model behind OpenAI's chat protocol that says what a test wants. */
public final class StubJudge implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** What it does with a request. */
    @FunctionalInterface
    public interface Behaviour {
        Reply to(JsonNode request, HttpExchange exchange) throws InterruptedException;
    }

    /** A reply over HTTP. */
    public record Reply(int status, String body) {
        /** Of a message, which came to its end. */
        public static Reply saying(String message) {
            return saying(message, "stop");
        }

        /** Of a message. @param finish why it ended */
        public static Reply saying(String message, String finish) {
            var root = JSON.createObjectNode().put("model", "stub");
            var choice = root.putArray("choices").addObject().put("finish_reason", finish);
            choice.putObject("message").put("role", "assistant").put("content", message);
            root.putObject("usage").put("prompt_tokens", 100).put("completion_tokens", 20);
            return new Reply(200, root.toString());
        }

        /** HealthBench's form. */
        public static Reply met(boolean met, String why) {
            return saying(JSON.createObjectNode()
                    .put("explanation", why)
                    .put("criteria_met", met)
                    .toString());
        }

        /** An error as servers write them. */
        public static Reply error(int status, String message) {
            var root = JSON.createObjectNode();
            root.putObject("error").put("message", message);
            return new Reply(status, root.toString());
        }
    }

    private final List<JsonNode> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final HttpServer server;

    public StubJudge(Behaviour behaviour) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> {
            try (exchange) {
                JsonNode request = JSON.readTree(exchange.getRequestBody().readAllBytes());
                requests.add(request);
                Reply reply = behaviour.to(request, exchange);
                StubScorer.reply(exchange, reply.status(), reply.body());
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
        });
        server.start();
    }

    /** One that finds everything met. */
    public static StubJudge agreeing() throws IOException {
        return new StubJudge((request, exchange) -> Reply.met(true, "the answer says so"));
    }

    /** Does not answer for as long as it lives. */
    public Reply hang() throws InterruptedException {
        released.await(1, TimeUnit.MINUTES);
        return Reply.error(500, "closing");
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    public List<JsonNode> requests() {
        return requests;
    }

    /** The words of a request, images left out. */
    public static String words(JsonNode request) {
        JsonNode content = request.at("/messages/0/content");
        return content.isTextual()
                ? content.textValue()
                : content.path(content.size() - 1).path("text").asText();
    }

    /** Whether a request asks for an answer of a schema. */
    public static boolean structured(JsonNode request) {
        return request.has("response_format");
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
