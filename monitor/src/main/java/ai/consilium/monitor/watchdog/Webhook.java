package ai.consilium.monitor.watchdog;

import ai.consilium.platform.AddressGuard;
import ai.consilium.platform.RemoteHttp;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts alarms as JSON to an address, in order, from a thread of its own. What cannot be delivered in three tries is logged
 * and left; the address may hold a secret, so only its host is ever told.
 */
public final class Webhook implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Webhook.class);
    private static final int TRIES = 3;
    private static final int WAITING = 100;
    private static final int MOST_REPLY_BYTES = 65_536;
    private static final int SUCCESS = 2;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI url;
    private final String runId;
    private final Duration timeout;
    private final AddressGuard guard = AddressGuard.strict();
    private final HttpClient http = RemoteHttp.client();
    private final ThreadPoolExecutor sender;

    /** @param timeout of one try, reply included */
    public Webhook(URI url, String runId, Duration timeout) {
        this.url = url;
        this.runId = runId;
        this.timeout = timeout;
        this.sender = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING),
                task -> {
                    Thread thread = new Thread(task, "monitor-webhook");
                    thread.setDaemon(true);
                    return thread;
                },
                (task, full) -> LOG.warn("the webhook is too slow: an alarm was not sent to it"));
    }

    /** Sends it soon. @param firing whether it begins, or is over */
    void send(Alarm alarm, boolean firing, long nowMs) {
        ObjectNode body = JSON.createObjectNode()
                .put("run", runId)
                .put("state", firing ? "firing" : "resolved")
                .put("cause", alarm.cause())
                .put("stage", alarm.stage())
                .put("subject", alarm.subject())
                .put("severity", alarm.severity())
                .put("since", Instant.ofEpochMilli(alarm.sinceMs()).toString())
                .put("at", Instant.ofEpochMilli(nowMs).toString())
                .put("text", alarm.text());
        sender.execute(() -> deliver(body.toString()));
    }

    private void deliver(String body) {
        Optional<String> problem = Optional.empty();
        try {
            for (int attempt = 1; attempt <= TRIES; attempt++) {
                problem = attempt(body);
                if (problem.isEmpty()) {
                    return;
                }
                if (attempt < TRIES) {
                    Thread.sleep(Duration.ofSeconds(attempt).toMillis());
                }
            }
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
        LOG.atWarn()
                .addKeyValue("host", url.getHost())
                .addKeyValue("reason", problem.orElse("the monitor is being closed"))
                .log("an alarm did not reach the webhook");
    }

    /** @return why it did not arrive; empty when it did */
    private Optional<String> attempt(String body) throws InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> reply = null;
        try {
            Optional<String> forbidden = guard.problem(url.getHost());
            if (forbidden.isPresent()) {
                return forbidden;
            }
            HttpRequest request = HttpRequest.newBuilder(url)
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                    .build();
            reply = RemoteHttp.send(http, request, MOST_REPLY_BYTES);
            int status = reply.get(timeout.toMillis(), TimeUnit.MILLISECONDS).statusCode();
            return status / 100 == SUCCESS ? Optional.empty() : Optional.of("HTTP status " + status);
        } catch (UnknownHostException e) {
            return Optional.of("unknown host");
        } catch (TimeoutException e) {
            return Optional.of("no reply in " + timeout.toMillis() + " ms");
        } catch (ExecutionException e) {
            return Optional.of(RemoteHttp.reason(e.getCause()));
        } finally {
            if (reply != null) {
                reply.cancel(true);
            }
        }
    }

    /** What is under way may end within the time of one try. */
    @Override
    public void close() {
        sender.shutdown();
        try {
            if (!sender.awaitTermination(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                sender.shutdownNow();
            }
        } catch (InterruptedException e) {
            sender.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
