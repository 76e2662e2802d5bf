package ai.consilium.platform.service;

import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.UsageException;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Optional;

/**
 * Answers {@code /metrics} (Prometheus text), {@code /livez} (no thread failed) and {@code /readyz} (all threads started);
 * the latter two as JSON that names each thread, with 503 for no.
 */
public final class HealthServer implements AutoCloseable {
    private static final int UNAVAILABLE = 503;

    private final LocalHttp http;

    private HealthServer(LocalHttp http) {
        this.http = http;
    }

    /**
     * Starts to answer.
     *
     * @return empty when the configuration wants none
     * @throws UsageException when the port is in use
     */
    public static Optional<HealthServer> start(HealthConfig config, Health health, PrometheusMeterRegistry metrics) {
        if (config.port() < 0) {
            return Optional.empty();
        }
        LocalHttp http = LocalHttp.start(config.host(), config.port(), "health.port", routes -> {
            routes.get("/metrics", call -> {
                health.meterThreads();
                call.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
            });
            routes.get("/livez", call -> answer(call, health, health.live()));
            routes.get("/readyz", call -> answer(call, health, health.ready()));
        });
        return Optional.of(new HealthServer(http));
    }

    private static void answer(Context call, Health health, boolean yes) {
        call.status(yes ? 200 : UNAVAILABLE).contentType("application/json").result(health.toJson());
    }

    /** Address, {@code http://host:port}. */
    public String url() {
        return http.url();
    }

    @Override
    public void close() {
        http.close();
    }
}
