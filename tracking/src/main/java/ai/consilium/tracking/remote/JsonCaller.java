package ai.consilium.tracking.remote;

import ai.consilium.platform.RemoteHttp;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Calls a service that speaks JSON. Its replies are quoted in messages; what was sent, and the token, never are.
 *
 * @param token sent as a bearer token; empty for none
 * @param timeout of a call
 */
record JsonCaller(HttpClient client, URI base, String token, Duration timeout) {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MOST_BYTES = 1 << 20;
    private static final int QUOTED = 200;

    /** @param reply parsed; empty where it is no JSON */
    record Reply(int status, JsonNode reply) {
        /** @throws IOException unless the call succeeded */
        JsonNode require(String what) throws IOException {
            if (status / 100 != 2) {
                String text = reply.path("message").asText(reply.toString());
                throw new IOException(what + " was answered with status " + status + ": "
                        + text.substring(0, Math.min(QUOTED, text.length())));
            }
            return reply;
        }
    }

    @Override
    public String toString() {
        return base.toString();
    }

    /** Sends JSON to a path below the base; an empty path is the base itself. */
    Reply post(String path, String body) throws IOException, InterruptedException {
        return call(request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                .build());
    }

    /** Asks. @param path with its query */
    Reply get(String path) throws IOException, InterruptedException {
        return call(request(path).GET().build());
    }

    private HttpRequest.Builder request(String path) {
        URI uri = path.isEmpty() ? base : URI.create(base.toString().replaceFirst("/+$", "") + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        return token.isEmpty() ? request : request.header("Authorization", "Bearer " + token);
    }

    private Reply call(HttpRequest request) throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = RemoteHttp.send(client, request, MOST_BYTES);
        try {
            HttpResponse<byte[]> got = reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            return new Reply(got.statusCode(), parsed(got.body()));
        } catch (ExecutionException e) {
            throw new IOException(RemoteHttp.reason(e.getCause()), e.getCause());
        } catch (TimeoutException e) {
            throw new IOException("no reply within " + timeout.toMillis() + " ms", e);
        } finally {
            reply.cancel(true);
        }
    }

    private static JsonNode parsed(byte[] body) {
        try {
            return JSON.readTree(body);
        } catch (IOException noJson) {
            return JSON.createObjectNode();
        }
    }
}
