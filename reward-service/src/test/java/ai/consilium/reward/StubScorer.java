package ai.consilium.reward;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A scorer behind HTTP that does what a test wants. */
final class StubScorer implements AutoCloseable {
    /** What it does with a question. */
    interface Behaviour {
        void on(StubScorer server, HttpExchange exchange, JsonNode question) throws IOException, InterruptedException;
    }

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int QUEUE = 1024;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger asked = new AtomicInteger();
    private final HttpServer server;

    StubScorer(Behaviour behaviour) throws IOException {
        this(0, behaviour);
    }

    StubScorer(int port, Behaviour behaviour) throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), QUEUE);
        server.setExecutor(threads);
        server.createContext("/score", exchange -> {
            asked.incrementAndGet();
            try (exchange) {
                behaviour.on(
                        this, exchange, JSON.readTree(exchange.getRequestBody().readAllBytes()));
            } catch (InterruptedException stopped) {
                throw new IOException(stopped);
            }
        });
        server.start();
    }

    /** One that gives 0.5 after a while. */
    static StubScorer after(long millis) throws IOException {
        return new StubScorer((server, exchange, question) -> {
            server.hang(millis);
            reply(exchange, 200, "{\"score\": 0.5}");
        });
    }

    static void reply(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Takes time, or as long as the server lives. */
    void hang(long millis) throws InterruptedException {
        boolean closing = released.await(millis, TimeUnit.MILLISECONDS);
        if (closing) {
            throw new InterruptedException("closing");
        }
    }

    String url() {
        return "http://127.0.0.1:" + port() + "/score";
    }

    int port() {
        return server.getAddress().getPort();
    }

    int asked() {
        return asked.get();
    }

    @Override
    public void close() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
