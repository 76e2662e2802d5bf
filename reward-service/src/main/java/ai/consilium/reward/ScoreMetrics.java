package ai.consilium.reward;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.Score;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** The reward service's meters. Thread-safe. */
final class ScoreMetrics {
    private final MeterRegistry registry;
    private final Counter trajectories;
    private final Counter unusable;
    private final AtomicInteger inFlight = new AtomicInteger();

    ScoreMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.trajectories = registry.counter(MetricNames.REWARD_TRAJECTORIES);
        this.unusable = registry.counter(MetricNames.REWARD_UNUSABLE);
        registry.gauge(MetricNames.REWARD_IN_FLIGHT, inFlight);
    }

    /** A trajectory has the scores that it needs. */
    void decided() {
        trajectories.increment();
    }

    void scored(Score score) {
        String result = score.getValue() == null ? "unscored" : "scored";
        Timer.builder(MetricNames.REWARD_SCORE)
                .tags("scorer", score.getScorer(), "result", result)
                .register(registry)
                .record(Duration.ofNanos((long) (score.getLatencyMs() * 1e6)));
    }

    void unusable() {
        unusable.increment();
    }

    /** How many trajectories wait for their scores. */
    void inFlight(int trajectories) {
        inFlight.set(trajectories);
    }
}
