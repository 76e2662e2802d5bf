package ai.consilium.monitor.watchdog;

import java.util.List;
import java.util.Optional;

/**
 * What the watchdog sees of a run at one moment; all that its rules are given. Times are milliseconds.
 *
 * @param live a heartbeat of this process has been read: a page on a run that nobody continues has none, and nothing to say
 * @param over the run has ended
 * @param begun the first version was published: from then on every stage is needed
 * @param merging all experts are final
 * @param blindMs since this process's own heartbeat was last read from the log
 * @param absences stages of which no process is heard
 * @param impediments what processes say keeps them
 * @param disks where processes and brokers write
 * @param unclosed groups that have all their scores, when none is closed
 * @param policies what became of the newest groups of each
 */
record Sight(
        boolean live,
        boolean over,
        boolean begun,
        boolean merging,
        long blindMs,
        List<Absence> absences,
        List<Hindrance> impediments,
        List<Disk> disks,
        Optional<Unclosed> unclosed,
        List<Evidence> policies) {
    /** When heartbeats are late, those of others are too. */
    private static final long LATE_MS = 6_000;

    /** Whether what is not seen is not there. */
    boolean clear() {
        return !live || blindMs <= LATE_MS;
    }

    /**
     * A stage of which no process is heard, and that has not ended by itself.
     *
     * @param forMs since the last one was heard, or since the watchdog looks
     * @param last the process that was heard last; empty when there was none
     * @param failure why it failed, if it said so
     */
    record Absence(Stage stage, long forMs, String last, String failure) {}

    /** An impediment that a process told. */
    record Hindrance(AlarmCause cause, String subject, String reason) {}

    /**
     * A place that is written to.
     *
     * @param name whose and where
     */
    record Disk(String name, long freeBytes) {}

    /**
     * Groups that could be closed.
     *
     * @param oldestMs how long the oldest waits
     * @param quietMs since one was closed last
     */
    record Unclosed(int groups, long oldestMs, long quietMs) {}

    /**
     * Of one policy.
     *
     * @param equal groups that were filtered since the last one that had a signal
     * @param refused groups that were rejected or abandoned since the last one that was trained on
     * @param lastReason why the last of these was
     * @param completions that were looked at
     * @param cut how many of them ended at the length limit
     */
    record Evidence(String policy, int equal, int refused, String lastReason, int completions, int cut) {}
}
