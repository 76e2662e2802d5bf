package ai.consilium.advantage;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicLong;

/** What the stream counts. A task that is redone after a failure counts again: the books are in the log, not here. */
final class GroupMeters {
    private final MeterRegistry registry;
    private final Counter superseded;
    private final Counter repeated;
    private final Counter refused;
    private final AtomicLong progress = new AtomicLong();
    private final AtomicLong open = new AtomicLong();

    /** Meters of a process. */
    GroupMeters(MeterRegistry registry) {
        this.registry = registry;
        superseded = registry.counter("consilium.advantage.trajectories.superseded");
        repeated = registry.counter("consilium.advantage.records.repeated");
        refused = registry.counter("consilium.advantage.records.refused");
        registry.gauge("consilium.advantage.groups.open", open);
    }

    /** A record was read. */
    void progress() {
        progress.incrementAndGet();
    }

    /** Records read and groups closed so far: it moves while there is progress. */
    long progressed() {
        return progress.get();
    }

    /** Groups became open in this process, or, when negative, moved on to another one. */
    void opened(int groups) {
        open.addAndGet(groups);
    }

    /** Groups that are open in this process. */
    long open() {
        return open.get();
    }

    /** A group ended. */
    void closed(String how) {
        progress();
        registry.counter("consilium.advantage.groups.closed", "how", how).increment();
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
