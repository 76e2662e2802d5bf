package ai.consilium.rollout.worker;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.rollout.engine.InferenceEngine;
import ai.consilium.schemas.EventKind;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What the workers of a process sample, as meters and, now and then, as an event. Thread-safe. */
final class RolloutMetrics {
    private static final Logger LOG = LoggerFactory.getLogger(RolloutMetrics.class);
    private static final Duration BETWEEN_EVENTS = Duration.ofSeconds(2);

    private final InferenceEngine engine;
    private final RunEvents events;
    private final Counter tokens;
    private final DistributionSummary staleness;
    private final Timer duration;
    private final Timer wait;
    private final TruncationWatch truncation = new TruncationWatch();
    private long sinceNs = System.nanoTime();
    private InferenceEngine.Work workBefore = new InferenceEngine.Work(0, Duration.ZERO);
    private long tokensSince;
    private long groupsSince;
    private Duration waitedSince = Duration.ZERO;

    RolloutMetrics(RunContext context, RunEvents events, InferenceEngine engine) {
        this.engine = engine;
        this.events = events;
        this.tokens = context.metrics().counter(MetricNames.ROLLOUT_TOKENS);
        this.staleness = context.metrics().summary(MetricNames.ROLLOUT_STALENESS);
        this.duration = context.metrics().timer(MetricNames.ROLLOUT_GROUP_SECONDS);
        this.wait = context.metrics().timer(MetricNames.ROLLOUT_POLICY_WAIT);
    }

    /**
     * A group was sampled.
     *
     * @param tokensSampled in it
     * @param took wall time since it was queued
     */
    void sampled(long tokensSampled, Duration took) {
        tokens.increment((double) tokensSampled);
        duration.record(took);
        report(tokensSampled);
    }

    /** So many versions lay between the newest published one and the oldest that sampled, when sampling of a group ended. */
    void behind(long versions) {
        staleness.record((double) versions);
    }

    /** A worker had no prompt, though experts are in training: sampling is as far ahead as it may be. */
    void waited(Duration waited) {
        wait.record(waited);
        synchronized (this) {
            waitedSince = waitedSince.plus(waited);
        }
    }

    /** So many of the completions of a group were cut at the limit. Says so when it is most of many. */
    void cut(int completions, int truncated, int limit) {
        truncation.add(completions, truncated).ifPresent(share -> {
            String message =
                    "%.0f %% of completions were cut at %d tokens, before they had an answer: raise sampling.max_completion_tokens"
                            .formatted(100 * share, limit);
            LOG.warn(message);
            events.emit(EventKind.PROGRESS, message);
        });
    }

    /** Says what the engine has done in all. */
    void summarise() {
        InferenceEngine.Work work = engine.work();
        LOG.atInfo()
                .addKeyValue("tokens", work.tokens())
                .addKeyValue("processorSeconds", work.processor().toMillis() / 1000.0)
                .log("Sampling has ended");
    }

    private synchronized void report(long tokensSampled) {
        tokensSince += tokensSampled;
        groupsSince++;
        Duration passed = Duration.ofNanos(System.nanoTime() - sinceNs);
        if (passed.compareTo(BETWEEN_EVENTS) >= 0) {
            double seconds = passed.toMillis() / 1000.0;
            double tokensPerSecond = tokensSince / seconds;
            Map<String, Double> figures = new HashMap<>();
            figures.put("tokens_per_second", tokensPerSecond);
            figures.put("groups_per_second", groupsSince / seconds);
            figures.put("wait_for_policy_seconds", waitedSince.toMillis() / 1000.0);
            InferenceEngine.Work work = engine.work();
            double processorSeconds =
                    work.processor().minus(workBefore.processor()).toNanos() / 1e9;
            if (processorSeconds > 0) {
                figures.put("tokens_per_processor_second", (work.tokens() - workBefore.tokens()) / processorSeconds);
            }
            workBefore = work;
            events.emit(EventKind.FIGURES, "sampling %.0f tokens/s".formatted(tokensPerSecond), figures, Map.of());
            sinceNs = System.nanoTime();
            tokensSince = 0;
            groupsSince = 0;
            waitedSince = Duration.ZERO;
        }
    }
}
