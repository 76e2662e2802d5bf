package ai.consilium.monitor.state;

import ai.consilium.schemas.Score;
import org.jspecify.annotations.Nullable;

/** What one scorer did. */
final class ScorerStats {
    private final String name;
    private boolean shadow;
    private long scored;
    private long unscored;
    private double sum;
    private double latencyMs;
    private @Nullable String lastReason;

    ScorerStats(String name) {
        this.name = name;
    }

    void add(Score score) {
        shadow = score.getShadow();
        latencyMs += score.getLatencyMs();
        Double value = score.getValue();
        if (value == null) {
            unscored++;
            lastReason = score.getUnscoredReason();
        } else {
            scored++;
            sum += value;
        }
    }

    RunSnapshot.Scorer snapshot() {
        long all = scored + unscored;
        return new RunSnapshot.Scorer(
                name,
                shadow,
                scored,
                unscored,
                scored == 0 ? null : sum / scored,
                all == 0 ? null : latencyMs / all,
                lastReason);
    }
}
