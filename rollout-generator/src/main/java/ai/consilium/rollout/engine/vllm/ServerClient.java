package ai.consilium.rollout.engine.vllm;

import ai.consilium.platform.RemoteHttp;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The routes of a vLLM server that are used. Calls block; thread-safe. */
final class ServerClient {
    private static final Duration SHORT = Duration.ofSeconds(10);
    private static final Duration LOADING = Duration.ofMinutes(5);
    private static final int SHORT_BYTES = 1 << 20;
    private static final int SHOWN = 300;
    private static final String GENERATED = "vllm:generation_tokens_total";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http;
    private final URI url;
    private final @Nullable String apiKey;
    private final Set<CompletableFuture<?>> open = ConcurrentHashMap.newKeySet();

    /** @param apiKey null: none is asked for */
    ServerClient(HttpClient http, URI url, @Nullable String apiKey) {
        this.http = http;
        this.url = url;
        this.apiKey = apiKey;
    }

    URI url() {
        return url;
    }

    /** @throws ServerException when it is not well */
    void health() throws ServerException, InterruptedException {
        send(request("/health").GET().build(), SHORT, SHORT_BYTES, sent -> {});
    }

    /**
     * Tokens that it has generated since it was started, by its metrics.
     *
     * @return 0 when it does not say
     */
    long generated() throws InterruptedException {
        try {
            byte[] metrics = send(request("/metrics").GET().build(), SHORT, SHORT_BYTES, sent -> {});
            double sum = 0;
            for (String line : new String(metrics, StandardCharsets.UTF_8).split("\n")) {
                if (line.startsWith(GENERATED)) {
                    sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
                }
            }
            return (long) sum;
        } catch (ServerException | NumberFormatException e) {
            return 0;
        }
    }

    /** Loads an adapter; one of that name, which another process may have left, is replaced. */
    void load(String name, Path directory) throws ServerException, InterruptedException {
        Map<String, String> body = Map.of("lora_name", name, "lora_path", directory.toString());
        try {
            post("/v1/load_lora_adapter", body, LOADING);
        } catch (ServerException e) {
            if (e.kind() != ServerException.Kind.REFUSED) {
                throw e;
            }
            unload(name);
            post("/v1/load_lora_adapter", body, LOADING);
        }
    }

    /** Unloads an adapter; it need not be there. What is under way with it goes on. */
    void unload(String name) throws ServerException, InterruptedException {
        try {
            post("/v1/unload_lora_adapter", Map.of("lora_name", name), SHORT);
        } catch (ServerException e) {
            if (e.kind() == ServerException.Kind.OUTAGE) {
                throw e;
            }
        }
    }

    private void post(String path, Map<String, String> body, Duration timeout)
            throws ServerException, InterruptedException {
        byte[] json = JSON.valueToTree(body).toString().getBytes(StandardCharsets.UTF_8);
        send(posting(path, json), timeout, SHORT_BYTES, sent -> {});
    }

    /**
     * Asks for completions.
     *
     * @param sent is given the call, by which it can be cancelled
     */
    byte[] chat(byte[] body, Duration timeout, int mostBytes, Consumer<CompletableFuture<?>> sent)
            throws ServerException, InterruptedException {
        return send(posting("/v1/chat/completions", body), timeout, mostBytes, sent);
    }

    private HttpRequest posting(String path, byte[] body) {
        return request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path));
        if (apiKey != null) {
            request.header("Authorization", "Bearer " + apiKey);
        }
        return request;
    }

    /** Gives up all calls that are under way. */
    void cancelAll() {
        open.forEach(call -> call.cancel(true));
    }

    private byte[] send(HttpRequest request, Duration timeout, int mostBytes, Consumer<CompletableFuture<?>> sent)
            throws ServerException, InterruptedException {
        try {
            return sendOnce(request, timeout, mostBytes, sent);
        } catch (BrokenConnection e) {
            // Servers close connections that lie idle, perhaps at this very moment: the next try gets a new one.
            try {
                return sendOnce(request, timeout, mostBytes, sent);
            } catch (BrokenConnection again) {
                throw ServerException.outage(String.valueOf(again.getMessage()));
            }
        }
    }

    /** A connection ended before the reply was whole. */
    private static final class BrokenConnection extends Exception {
        private static final long serialVersionUID = 1L;

        BrokenConnection(String reason) {
            super(reason);
        }
    }

    private byte[] sendOnce(HttpRequest request, Duration timeout, int mostBytes, Consumer<CompletableFuture<?>> sent)
            throws ServerException, BrokenConnection, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(http, request, mostBytes);
        open.add(reply);
        try {
            sent.accept(reply);
            return body(reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            throw ServerException.outage("no reply within " + timeout.toMillis() + " ms");
        } catch (CancellationException e) {
            throw ServerException.outage("given up");
        } catch (ExecutionException e) {
            String reason = RemoteHttp.reason(e.getCause());
            if (RemoteHttp.tooLong(e.getCause())) {
                throw ServerException.wrong("bad reply: " + reason);
            }
            if (e.getCause() instanceof IOException && !(e.getCause() instanceof ConnectException)) {
                throw new BrokenConnection(reason);
            }
            throw ServerException.outage(reason);
        } finally {
            open.remove(reply);
            reply.cancel(true);
        }
    }

    private static byte[] body(HttpResponse<byte[]> reply) throws ServerException {
        int status = reply.statusCode();
        if (status == 200) {
            return reply.body();
        }
        String message = "status " + status + said(reply.body());
        if (status == 400 || status == 413 || status == 422) {
            throw ServerException.refused(message);
        }
        throw status == 408 || status == 429 || status >= 500
                ? ServerException.outage(message)
                : ServerException.wrong(message);
    }

    /** What vLLM says of an error, in one line. */
    private static String said(byte[] body) {
        String text;
        try {
            text = ChatReply.json(body).path("error").path("message").asText();
        } catch (ServerException e) {
            text = new String(body, 0, Math.min(body.length, SHOWN), StandardCharsets.UTF_8);
        }
        String line = text.replaceAll("\\s+", " ").strip();
        return line.isEmpty() ? "" : ": " + (line.length() > SHOWN ? line.substring(0, SHOWN) + "…" : line);
    }
}
