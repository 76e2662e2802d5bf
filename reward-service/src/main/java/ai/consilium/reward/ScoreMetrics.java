package ai.consilium.reward;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;

/** The reward service's meters. */
final class ScoreMetrics {
    private final MeterRegistry registry;
    private final Counter trajectories;
    private final Counter unusable;

    ScoreMetrics(MeterRegistry registry) {
        this.registry = registry;
        this.trajectories = registry.counter(MetricNames.REWARD_TRAJECTORIES);
        this.unusable = registry.counter(MetricNames.REWARD_UNUSABLE);
    }

    void scored(Scores scores) {
        trajectories.increment();
        for (Score score : scores.getScores()) {
            String result = score.getValue() == null ? "unscored" : "scored";
            Timer.builder(MetricNames.REWARD_SCORE)
                    .tags("scorer", score.getScorer(), "result", result)
                    .register(registry)
                    .record(Duration.ofNanos((long) (score.getLatencyMs() * 1e6)));
        }
    }

    void unusable() {
        unusable.increment();
    }
}
