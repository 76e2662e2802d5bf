package ai.consilium.monitor.watchdog;

import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * What became of the newest groups of one policy. By the times of the records, since topics are read apart: filtered groups
 * count that ended after the newest group with a signal, whichever was read first.
 */
final class PolicyEvidence {
    private static final int KEPT = 256;

    private final Deque<Long> filtered = new ArrayDeque<>();
    private final Deque<Long> refused = new ArrayDeque<>();
    private final Deque<Boolean> cut = new ArrayDeque<>();
    private String lastReason = "";
    private long signalMs = Long.MIN_VALUE;
    private long trainedMs = Long.MIN_VALUE;

    void sampled(Trajectory trajectory) {
        cut.addLast(trajectory.getFinishReason() == FinishReason.LENGTH);
        if (cut.size() > WatchRules.COMPLETIONS) {
            cut.removeFirst();
        }
    }

    /** A group with a signal was closed. */
    void signal(long createdMs) {
        signalMs = Math.max(signalMs, createdMs);
    }

    void ended(GroupOutcome outcome) {
        switch (outcome.getOutcome()) {
            case FILTERED -> keep(filtered, outcome.getCreatedMs());
            case TRAINED -> trainedMs = Math.max(trainedMs, outcome.getCreatedMs());
            case REJECTED, ABANDONED -> {
                keep(refused, outcome.getCreatedMs());
                lastReason = outcome.getReason();
            }
            case STALE, UNUSED, EXAMINED -> {
                // Says nothing of what is wrong: sampling ran ahead, the run ended, or a version was measured.
            }
        }
    }

    private static void keep(Deque<Long> times, long createdMs) {
        times.addLast(createdMs);
        if (times.size() > KEPT) {
            times.removeFirst();
        }
    }

    Sight.Evidence sight(String policy) {
        return new Sight.Evidence(
                policy, after(filtered, signalMs), after(refused, trainedMs), lastReason, cut.size(), (int)
                        cut.stream().filter(is -> is).count());
    }

    private static int after(Deque<Long> times, long afterMs) {
        return (int) times.stream().filter(time -> time > afterMs).count();
    }
}
