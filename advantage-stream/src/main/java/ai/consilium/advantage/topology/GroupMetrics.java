package ai.consilium.advantage.topology;

import ai.consilium.estimators.RewardComponent;
import ai.consilium.estimators.RewardSignal;
import ai.consilium.platform.service.MetricNames;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** What the stream counts. A task that is redone after a failure counts again: the exact counts are those of the log. */
public final class GroupMetrics {
    private final MeterRegistry registry;
    private final Counter superseded;
    private final Counter repeated;
    private final Counter refused;
    private final AtomicLong progress = new AtomicLong();
    private final AtomicLong open = new AtomicLong();

    /** Meters of a process. */
    public GroupMetrics(MeterRegistry registry) {
        this.registry = registry;
        superseded = registry.counter(MetricNames.ADVANTAGE_TRAJECTORIES_SUPERSEDED);
        repeated = registry.counter(MetricNames.ADVANTAGE_RECORDS_REPEATED);
        refused = registry.counter(MetricNames.ADVANTAGE_RECORDS_REFUSED);
        registry.gauge(MetricNames.ADVANTAGE_GROUPS_OPEN, open);
    }

    /** A record was read. */
    void progress() {
        progress.incrementAndGet();
    }

    /** Records read and groups closed so far: it moves while there is progress. */
    public long progressed() {
        return progress.get();
    }

    /** Groups became open in this process, or, when negative, moved on to another one. */
    void opened(int groups) {
        open.addAndGet(groups);
    }

    /** Groups that are open in this process. */
    public long open() {
        return open.get();
    }

    /** A group ended. */
    void closed(String how) {
        progress();
        registry.counter(MetricNames.ADVANTAGE_GROUPS_CLOSED, "how", how).increment();
    }

    /** A group's advantages were taken: counts the components that had nothing to say about it. */
    void estimated(RewardSignal signal) {
        flat(RewardComponent.ACCURACY, signal.accuracy());
        flat(RewardComponent.FORMAT, signal.format());
        flat(RewardComponent.GUIDELINE, signal.guideline());
    }

    private void flat(RewardComponent component, boolean varies) {
        Counter counter = registry.counter(MetricNames.ADVANTAGE_COMPONENTS_FLAT, "component", component.label());
        if (!varies) {
            counter.increment();
        }
    }

    /** A later attempt of a sample that has its trajectory. */
    void superseded() {
        superseded.increment();
    }

    /** A record that says nothing new. */
    void repeated() {
        repeated.increment();
    }

    /** A record for the dead letters. */
    void refused() {
        refused.increment();
    }
}
