package ai.consilium.tests;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of OpenAI's chat protocol that answers as a test tells it to. */
final class TeacherServer implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * What was asked.
     *
     * @param body JSON
     * @param key value of the header Authorization, or empty
     * @param before how often the same was asked before
     */
    record Question(JsonNode body, String key, int before) {
        /** The user's words. */
        String words() {
            JsonNode content = body.at("/messages/1/content");
            return content.isTextual()
                    ? content.textValue()
                    : content.path(content.size() - 1).path("text").textValue();
        }

        /** The number of the try, from 0, if seeds begin at 1. */
        int attempt() {
            return body.path("seed").asInt() - 1;
        }
    }

    /** What a test wants to be said. */
    @FunctionalInterface
    interface Lesson {
        void answer(Question question, Reply reply) throws IOException, InterruptedException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Question> asked = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);

    TeacherServer(Lesson lesson) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/v1/chat/completions", exchange -> {
            try (exchange) {
                JsonNode body = JSON.readTree(exchange.getRequestBody().readAllBytes());
                String key = exchange.getRequestHeaders().getFirst("Authorization");
                Question question;
                synchronized (asked) {
                    int before = (int) asked.stream()
                            .filter(other -> other.body().equals(body))
                            .count();
                    question = new Question(body, key == null ? "" : key, before);
                    asked.add(question);
                }
                lesson.answer(question, new Reply(exchange));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        server.start();
    }

    /** One reply. */
    final class Reply {
        private final HttpExchange exchange;

        Reply(HttpExchange exchange) {
            this.exchange = exchange;
        }

        /** A message in the form of the protocol. */
        void say(String text, String finish) throws IOException {
            send(
                    200,
                    JSON.writeValueAsString(Map.of(
                            "model",
                            "teacher-of-tests",
                            "choices",
                            List.of(Map.of(
                                    "finish_reason", finish, "message", Map.of("role", "assistant", "content", text))),
                            "usage",
                            Map.of("prompt_tokens", 100, "completion_tokens", 10))),
                    Map.of());
        }

        void send(int status, String body, Map<String, String> headers) throws IOException {
            headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }

        /** Says nothing for as long as the server is there. */
        void hang() throws InterruptedException {
            closed.await();
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1";
    }

    /** Everything that was asked so far. */
    List<Question> asked() {
        return List.copyOf(asked);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
