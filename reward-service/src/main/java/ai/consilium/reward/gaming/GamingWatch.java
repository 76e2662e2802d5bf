package ai.consilium.reward.gaming;

import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Follows, for each policy and each shadow that is a guideline, what trajectories get from it and from what is trained on, step
 * by step, and tells once when {@link GamingRule} finds that they drift apart, and once when they no longer do. Of the
 * trajectories of this process: with several reward services each sees its share. Thread-safe.
 */
public final class GamingWatch {
    /** Whose scores are compared. Another scoring configuration begins anew: its trained mean is of other scorers. */
    private record Pair(String policy, String scoringConfig, String shadow) {}

    /** Versions of one pair. Two windows, and what is still being sampled. */
    private static final class Steps {
        private static final int KEPT = 4 * GamingRule.WINDOW;

        private final TreeMap<Long, StepScores> byVersion = new TreeMap<>();
        private boolean alarmed;

        /** @return whether an earlier version is over by this one */
        boolean add(long version, double trained, double shadow) {
            boolean next = !byVersion.isEmpty() && version > byVersion.lastKey();
            byVersion.merge(version, StepScores.NONE.plus(trained, shadow), StepScores::plus);
            if (byVersion.size() > KEPT) {
                byVersion.pollFirstEntry();
            }
            return next;
        }

        List<StepScores> over() {
            return new ArrayList<>(byVersion.headMap(byVersion.lastKey()).values());
        }
    }

    private final MeterRegistry registry;
    private final Consumer<String> begins;
    private final Consumer<String> ends;
    private final Map<Pair, Steps> pairs = new HashMap<>();
    private final Map<List<String>, AtomicInteger> gauges = new HashMap<>();

    /**
     * Nothing is known yet.
     *
     * @param begins told of a drift that begins
     * @param ends told of one that is over
     */
    public GamingWatch(MeterRegistry registry, Consumer<String> begins, Consumer<String> ends) {
        this.registry = registry;
        this.begins = begins;
        this.ends = ends;
    }

    /**
     * What the trained guidelines gave a trajectory: their mean; empty where there is nothing to compare shadows with.
     *
     * @param active names of the guidelines that enter advantages
     */
    public static OptionalDouble trained(Trajectory trajectory, List<Score> scores, Set<String> active) {
        if (!trajectory.getPurpose().equals(Purpose.RL)) {
            return OptionalDouble.empty();
        }
        return scores.stream()
                .filter(score -> active.contains(score.getScorer()))
                .map(Score::getValue)
                .flatMap(value -> Optional.ofNullable(value).stream())
                .mapToDouble(Double::doubleValue)
                .average();
    }

    /**
     * A shadow has scored a trajectory.
     *
     * @param trained what {@link #trained} gave it
     */
    public synchronized void add(Trajectory trajectory, double trained, Score shadow) {
        Double value = shadow.getValue();
        List<Span> spans = trajectory.getSpans();
        if (value == null || spans.isEmpty()) {
            return;
        }
        Pair pair = new Pair(PolicyTable.policyOf(trajectory), trajectory.getScoringConfigHash(), shadow.getScorer());
        Steps steps = pairs.computeIfAbsent(pair, first -> new Steps());
        long version = spans.get(spans.size() - 1).getPolicyVersion();
        if (steps.add(version, trained, value)) {
            look(pair, steps);
        }
    }

    private void look(Pair pair, Steps steps) {
        Optional<GamingRule.Drift> drift = GamingRule.drift(steps.over());
        if (drift.isPresent() == steps.alarmed) {
            return;
        }
        steps.alarmed = drift.isPresent();
        gauge(pair).set(steps.alarmed ? 1 : 0);
        if (steps.alarmed) {
            begins.accept("%s may be gaming its guidelines: %s; shadow %s"
                    .formatted(pair.policy(), drift.map(GamingRule.Drift::told).orElse(""), pair.shadow()));
        } else {
            ends.accept(
                    "%s: its guidelines and shadow %s no longer drift apart".formatted(pair.policy(), pair.shadow()));
        }
    }

    private AtomicInteger gauge(Pair pair) {
        return gauges.computeIfAbsent(List.of(pair.policy(), pair.shadow()), first -> {
            AtomicInteger value = new AtomicInteger();
            Gauge.builder(MetricNames.REWARD_GAMING, value, AtomicInteger::get)
                    .tags("specialty", pair.policy(), "scorer", pair.shadow())
                    .register(registry);
            return value;
        });
    }
}
