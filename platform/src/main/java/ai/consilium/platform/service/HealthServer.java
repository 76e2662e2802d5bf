package ai.consilium.platform.service;

import ai.consilium.platform.AccessToken;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.UsageException;
import io.javalin.http.Context;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Answers {@code /metrics} (Prometheus text), {@code /livez} (no thread failed) and {@code /readyz} (all threads started);
 * the latter two as JSON that names each thread, with 503 for no. Where there is a token, {@code /metrics} and the JSON are for
 * who bears it; whoever probes gets the status.
 */
public final class HealthServer implements AutoCloseable {
    private static final int UNAUTHORIZED = 401;
    private static final int UNAVAILABLE = 503;

    private final LocalHttp http;

    private HealthServer(LocalHttp http) {
        this.http = http;
    }

    /**
     * Starts to answer.
     *
     * @return empty when the configuration wants none
     * @throws UsageException when the port is in use, or the token's file cannot be read or made
     */
    public static Optional<HealthServer> start(HealthConfig config, Health health, PrometheusMeterRegistry metrics) {
        if (config.port() < 0) {
            return Optional.empty();
        }
        Optional<AccessToken> token = config.tokenFile().isBlank()
                ? Optional.empty()
                : Optional.of(AccessToken.readOrMake(Path.of(config.tokenFile()), "health.token_file"));
        LocalHttp http = LocalHttp.start(config.host(), config.port(), "health.port", routes -> {
            routes.get("/metrics", call -> {
                if (!opens(token, call)) {
                    call.status(UNAUTHORIZED)
                            .header("WWW-Authenticate", "Bearer")
                            .result("the token is missing or wrong: send that of health.token_file as a bearer token");
                    return;
                }
                health.meterThreads();
                call.contentType("text/plain; version=0.0.4; charset=utf-8").result(metrics.scrape());
            });
            routes.get("/livez", call -> answer(call, token, health, health.live()));
            routes.get("/readyz", call -> answer(call, token, health, health.ready()));
        });
        return Optional.of(new HealthServer(http));
    }

    private static void answer(Context call, Optional<AccessToken> token, Health health, boolean yes) {
        call.status(yes ? 200 : UNAVAILABLE);
        if (opens(token, call)) {
            call.contentType("application/json").result(health.toJson());
        } else {
            call.result(yes ? "yes" : "no");
        }
    }

    private static boolean opens(Optional<AccessToken> token, Context call) {
        return token.isEmpty() || token.get().opensHeader(call.header("Authorization"));
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
