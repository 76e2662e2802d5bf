package ai.consilium.reward.lane;

import ai.consilium.platform.service.Impediment;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.reward.plugin.PluginScorer;
import ai.consilium.reward.scorer.Scorer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** The lanes of a process, one for each remote scorer, whichever scoring configurations name it. Thread-safe. */
public final class ScorerLanes implements AutoCloseable {
    /** Two configurations may name one scorer: it has one lane as long as it is the same. */
    private record Which(String scorer, String version) {}

    private final RewardConfig config;
    private final MeterRegistry metrics;
    private final Map<Which, ScorerLane> lanes = new ConcurrentHashMap<>();

    /** No lane yet. */
    public ScorerLanes(RewardConfig config, MeterRegistry metrics) {
        this.config = config;
        this.metrics = metrics;
    }

    /** The lane of a scorer. */
    public ScorerLane of(Scorer scorer) {
        return lanes.computeIfAbsent(new Which(scorer.name(), scorer.version()), which -> metered(scorer));
    }

    private ScorerLane metered(Scorer scorer) {
        ScorerLane lane = new ScorerLane(scorer, config);
        String version =
                scorer.version().substring(0, Math.min(8, scorer.version().length()));
        Gauge.builder(MetricNames.REWARD_SCORER_UP, lane, it -> it.isUp() ? 1 : 0)
                .tags("scorer", scorer.name(), "version", version)
                .register(metrics);
        Gauge.builder(MetricNames.REWARD_SCORER_WAITING, lane, ScorerLane::waiting)
                .tags("scorer", scorer.name(), "version", version)
                .register(metrics);
        if (scorer instanceof PluginScorer plugin) {
            Gauge.builder(MetricNames.REWARD_PLUGIN_LEFT_BEHIND, plugin, PluginScorer::leftBehind)
                    .tags("scorer", scorer.name(), "version", version)
                    .register(metrics);
        }
        return lane;
    }

    /** The scorers that are down while trajectories wait for them, with the reason of each; empty when there are none. */
    public Optional<String> awaited() {
        Map<String, String> down = new TreeMap<>();
        lanes.forEach((which, lane) -> lane.awaited().ifPresent(reason -> down.put(which.scorer(), reason)));
        if (down.isEmpty()) {
            return Optional.empty();
        }
        StringBuilder named = new StringBuilder();
        down.forEach((scorer, reason) -> named.append(named.length() == 0 ? "" : ", ")
                .append("scorer ")
                .append(scorer)
                .append(", which is down (")
                .append(reason)
                .append(')'));
        return Optional.of(named.toString());
    }

    /** The scorers that are down, whether or not trajectories wait for them. */
    public List<Impediment> down() {
        List<Impediment> down = new ArrayList<>();
        lanes.forEach((which, lane) -> lane.down()
                .ifPresent(reason -> down.add(new Impediment(Impediment.Kind.SCORER_DOWN, which.scorer(), reason))));
        return down;
    }

    @Override
    public void close() {
        lanes.values().forEach(ScorerLane::close);
    }
}
