package ai.consilium.rollout.worker;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.EventKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;

/** What the workers of a process sample, as meters and, now and then, as an event. Thread-safe. */
final class RolloutMetrics {
    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(2);

    private final RunEvents events;
    private final Counter tokens;
    private final DistributionSummary groups;
    private final DistributionSummary staleness;
    private final Timer duration;
    private final Timer wait;
    private long sinceNs = System.nanoTime();
    private long tokensSince;
    private long groupsSince;
    private Duration waitedSince = Duration.ZERO;

    RolloutMetrics(RunContext context, RunEvents events) {
        this.events = events;
        this.tokens = context.metrics().counter(MetricNames.ROLLOUT_TOKENS);
        this.groups = context.metrics().summary(MetricNames.ROLLOUT_BATCH_GROUPS);
        this.staleness = context.metrics().summary(MetricNames.ROLLOUT_STALENESS);
        this.duration = context.metrics().timer(MetricNames.ROLLOUT_BATCH_SECONDS);
        this.wait = context.metrics().timer(MetricNames.ROLLOUT_POLICY_WAIT);
    }

    /**
     * A batch was sampled.
     *
     * @param groupsSampled in it
     * @param tokensSampled in it
     * @param versionsBehind newest published version less the one that sampled, when sampling ended
     * @param took wall time
     */
    void sampled(int groupsSampled, long tokensSampled, long versionsBehind, Duration took) {
        tokens.increment((double) tokensSampled);
        groups.record(groupsSampled);
        staleness.record((double) versionsBehind);
        duration.record(took);
        report(groupsSampled, tokensSampled);
    }

    /** A worker had no prompt, though experts are in training: sampling is as far ahead as it may be. */
    void waited(Duration waited) {
        wait.record(waited);
        synchronized (this) {
            waitedSince = waitedSince.plus(waited);
        }
    }

    private synchronized void report(int groupsSampled, long tokensSampled) {
        tokensSince += tokensSampled;
        groupsSince += groupsSampled;
        Duration passed = Duration.ofNanos(System.nanoTime() - sinceNs);
        if (passed.compareTo(BETWEEN_EVENTS) >= 0) {
            double seconds = passed.toMillis() / 1000.0;
            double tokensPerSecond = tokensSince / seconds;
            events.emit(
                    EventKind.FIGURES,
                    "sampling %.0f tokens/s".formatted(tokensPerSecond),
                    Map.of(
                            "tokens_per_second",
                            tokensPerSecond,
                            "groups_per_second",
                            groupsSince / seconds,
                            "wait_for_policy_seconds",
                            waitedSince.toMillis() / 1000.0),
                    Map.of());
            sinceNs = System.nanoTime();
            tokensSince = 0;
            groupsSince = 0;
            waitedSince = Duration.ZERO;
        }
    }
}
