package ai.consilium.platform;

import io.javalin.Javalin;
import io.javalin.config.RoutesConfig;
import io.javalin.util.JavalinBindException;
import java.util.function.Consumer;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A small HTTP server on few threads; where it listens is said by its caller. */
public final class LocalHttp implements AutoCloseable {
    private static final int THREADS = 12;

    private final Javalin server;
    private final String host;

    private LocalHttp(Javalin server, String host) {
        this.server = server;
        this.host = host;
    }

    /**
     * Starts to serve.
     *
     * @param port 0 for any free one
     * @param portKey configuration key of the port, for the message
     * @throws UsageException when the port is in use
     */
    public static LocalHttp start(String host, int port, String portKey, Consumer<RoutesConfig> routes) {
        Ports.requireFree(host, port, portKey);
        Javalin server = Javalin.create(config -> {
            config.startup.showJavalinBanner = false;
            config.startup.showOldJavalinVersionWarning = false;
            config.startup.startupWatcherEnabled = false;
            QueuedThreadPool threads = new QueuedThreadPool(THREADS, 2);
            threads.setName("http-" + portKey);
            threads.setDaemon(true);
            config.jetty.threadPool = threads;
            routes.accept(config.routes);
        });
        try {
            server.start(host, port);
        } catch (JavalinBindException e) {
            throw Ports.taken(host, port, portKey, e);
        }
        return new LocalHttp(server, host);
    }

    /** Port that it listens on. */
    public int port() {
        return server.port();
    }

    /** Address, {@code http://host:port}. */
    public String url() {
        return "http://" + host + ":" + port();
    }

    @Override
    public void close() {
        server.stop();
    }
}
