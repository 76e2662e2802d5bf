package ai.consilium.platform.telemetry;

import ai.consilium.platform.RemoteHttp;
import java.net.URI;

/**
 * Section {@code telemetry}.
 *
 * @param otlp address of a collector that takes OTLP over HTTP, for example http://127.0.0.1:4318; empty: nothing is traced
 */
public record TelemetryConfig(String otlp) {
    private static final String TRACES = "/v1/traces";

    /** Checks the address. */
    public TelemetryConfig {
        if (!otlp.isEmpty()) {
            RemoteHttp.requireUrl("otlp", otlp, "a collector on this machine that has them");
        }
    }

    /** Whether anything is traced. */
    public boolean wanted() {
        return !otlp.isEmpty();
    }

    /** Where spans are posted to: the path that the protocol names, unless the address has one. */
    String endpoint() {
        String path = URI.create(otlp).getPath();
        boolean bare = path == null || path.isEmpty() || path.equals("/");
        return bare ? otlp.replaceAll("/$", "") + TRACES : otlp;
    }
}
