package ai.consilium.monitor.web;

import ai.consilium.platform.service.ServiceThread;
import io.javalin.config.RoutesConfig;
import io.javalin.http.sse.SseClient;
import java.time.Duration;
import java.util.Deque;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Supplier;

/** What a page shows of the moment, as JSON, and a stream of server-sent events that repeats it. */
public final class LivePage implements ServiceThread.Flow {
    private static final int MOST_CLIENTS = 32;

    private final Supplier<?> snapshot;
    private final Duration refresh;
    private final Deque<SseClient> clients = new ConcurrentLinkedDeque<>();

    public LivePage(Supplier<?> snapshot, Duration refresh) {
        this.snapshot = snapshot;
        this.refresh = refresh;
    }

    /** Adds them to a server. */
    public void routes(RoutesConfig routes) {
        routes.get(
                "/api/picture",
                context -> context.contentType("application/json").result(json()));
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
        return PageJson.write(snapshot.get());
    }
}
