package ai.consilium.monitor.web;

import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.service.ServiceThread;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.sse.SseClient;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/**
 * The page: three static files, the snapshot as JSON, and a stream of server-sent events that repeats it. Nothing of a
 * record becomes HTML here; the script sets text only, and the content security policy forbids everything else.
 */
public final class LivePage implements ServiceThread.Flow {
    private static final int MOST_CLIENTS = 32;
    private static final ObjectMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private final Supplier<RunSnapshot> snapshot;
    private final Duration refresh;
    private final Deque<SseClient> clients = new ConcurrentLinkedDeque<>();

    public LivePage(Supplier<RunSnapshot> snapshot, Duration refresh) {
        this.snapshot = snapshot;
        this.refresh = refresh;
    }

    /** Adds the page's routes to a server. */
    public void routes(RoutesConfig routes) {
        asset(routes, "/", "index.html", "text/html; charset=utf-8");
        asset(routes, "/page.css", "page.css", "text/css; charset=utf-8");
        asset(routes, "/page.js", "page.js", "text/javascript; charset=utf-8");
        routes.get("/api/picture", context -> {
            harden(context);
            context.contentType("application/json").result(json());
        });
        routes.sse("/api/stream", this::join);
    }

    /** Brings the open pages up to date until asked to stop. */
    @Override
    public void run(ServiceThread.Pulse pulse) throws InterruptedException {
        while (!pulse.stopping()) {
            if (!clients.isEmpty()) {
                String json = json();
                clients.forEach(client -> send(client, json));
            }
            pulse.beat();
            pulse.idle("the next refresh");
            pulse.pause(refresh);
        }
    }

    /** Ends the streams of open pages, which would hold a server's stop up. */
    public void hangUp() {
        clients.forEach(SseClient::close);
        clients.clear();
    }

    private void join(SseClient client) {
        client.keepAlive();
        client.onClose(() -> clients.remove(client));
        clients.add(client);
        if (clients.size() > MOST_CLIENTS) {
            SseClient oldest = clients.poll();
            if (oldest != null) {
                oldest.close();
            }
        }
        send(client, json());
    }

    private void send(SseClient client, String json) {
        if (client.terminated()) {
            clients.remove(client);
            return;
        }
        client.sendEvent("picture", json);
    }

    private String json() {
        try {
            return JSON.writeValueAsString(snapshot.get());
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static void asset(RoutesConfig routes, String path, String name, String type) {
        byte[] bytes;
        try (InputStream in = LivePage.class.getResourceAsStream("page/" + name)) {
            if (in == null) {
                throw new IllegalStateException("resource page/" + name + " is missing");
            }
            bytes = in.readAllBytes();
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        routes.get(path, context -> {
            harden(context);
            context.contentType(type).result(bytes);
        });
    }

    private static void harden(Context context) {
        context.header(
                "Content-Security-Policy",
                "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self';"
                        + " base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cache-Control", "no-store");
    }
}
