package ai.consilium.tracking.remote;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Remembers what it is sent, and answers as MLflow does. */
final class RecordingServer implements AutoCloseable {
    /** One request. */
    record Call(String path, String token, String body) {}

    private final HttpServer server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private volatile int status = 200;

    RecordingServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String path = exchange.getRequestURI().toString();
        String token = exchange.getRequestHeaders().getFirst("Authorization");
        int with = status;
        if (with == 200) {
            calls.add(new Call(path, token == null ? "" : token, body));
        }
        if (path.contains("get-by-name")) {
            with = with == 200 ? 404 : with;
        }
        byte[] reply = (path.endsWith("runs/create")
                        ? "{\"run\":{\"info\":{\"run_id\":\"r-1\"}}}"
                        : path.endsWith("experiments/create") ? "{\"experiment_id\":\"7\"}" : "{}")
                .getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(with, reply.length);
        exchange.getResponseBody().write(reply);
        exchange.close();
    }

    String url(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    /** From now on. */
    void answersWith(int next) {
        status = next;
    }

    /** What it took. */
    List<Call> calls() {
        return List.copyOf(calls);
    }

    List<String> bodies(String path) {
        return calls.stream()
                .filter(call -> call.path().startsWith(path))
                .map(Call::body)
                .toList();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
