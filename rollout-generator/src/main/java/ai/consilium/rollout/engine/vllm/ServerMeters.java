package ai.consilium.rollout.engine.vllm;

import ai.consilium.platform.service.MetricNames;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** What is measured of one server. */
final class ServerMeters {
    private static final String SERVER = "server";

    private final MeterRegistry registry;
    private final String server;
    private final Counter tokens;
    private final AtomicReference<Double> mismatch = new AtomicReference<>(Double.NaN);

    /** @param up whether it samples */
    ServerMeters(MeterRegistry registry, String server, BooleanSupplier up) {
        this.registry = registry;
        this.server = server;
        this.tokens = registry.counter(MetricNames.ROLLOUT_SERVER_TOKENS, SERVER, server);
        Gauge.builder(MetricNames.ROLLOUT_SERVER_UP, up, is -> is.getAsBoolean() ? 1 : 0)
                .tag(SERVER, server)
                .strongReference(true)
                .register(registry);
        Gauge.builder(MetricNames.ROLLOUT_SERVER_MISMATCH, mismatch, AtomicReference::get)
                .tag(SERVER, server)
                .strongReference(true)
                .register(registry);
    }

    void sampled(long count) {
        tokens.increment((double) count);
    }

    void probed(Probe.Difference difference) {
        mismatch.set(difference.most());
    }

    void failed(ServerException.Kind kind) {
        registry.counter(
                        MetricNames.ROLLOUT_SERVER_FAILURES,
                        SERVER,
                        server,
                        "kind",
                        kind.name().toLowerCase(Locale.ROOT))
                .increment();
    }
}
