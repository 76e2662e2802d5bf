package ai.consilium.monitor.watchdog;

import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.Optional;

/**
 * Groups that are open, and whether they could be closed. Topics are read apart, so an end may be seen before its beginning;
 * what is past its deadline is nobody's to close any more.
 */
final class OpenGroups {
    private static final int ENDED_KEPT = 20_000;
    private static final long NOT_COMPLETE = -1;

    private final Map<String, Open> open = new LinkedHashMap<>();
    private final Map<String, Boolean> ended = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > ENDED_KEPT;
        }
    };
    private long closedMs;

    private static final class Open {
        private final int members;
        private final long deadlineMs;
        private final BitSet scored = new BitSet();
        private long completeMs = NOT_COMPLETE;

        Open(int members, long deadlineMs) {
            this.members = members;
            this.deadlineMs = deadlineMs;
        }
    }

    OpenGroups(long startMs) {
        this.closedMs = startMs;
    }

    void begun(Prompt prompt) {
        if (!ended.containsKey(prompt.getGroupId())) {
            open.put(prompt.getGroupId(), new Open(prompt.getMembers().size(), prompt.getDeadlineMs()));
        }
    }

    void scored(Scores scores, long nowMs) {
        Open group = open.get(scores.getGroupId());
        if (group != null && scores.getSampleIndex() >= 0) {
            group.scored.set(scores.getSampleIndex());
            if (group.completeMs == NOT_COMPLETE && group.scored.cardinality() >= group.members) {
                group.completeMs = nowMs;
            }
        }
    }

    void ended(String groupId, long nowMs) {
        closedMs = nowMs;
        open.remove(groupId);
        ended.put(groupId, true);
    }

    Optional<Sight.Unclosed> unclosed(long nowMs) {
        open.values().removeIf(group -> group.deadlineMs < nowMs);
        LongSummaryStatistics waiting = open.values().stream()
                .filter(group -> group.completeMs != NOT_COMPLETE)
                .mapToLong(group -> nowMs - group.completeMs)
                .summaryStatistics();
        return waiting.getCount() == 0
                ? Optional.empty()
                : Optional.of(new Sight.Unclosed((int) waiting.getCount(), waiting.getMax(), nowMs - closedMs));
    }
}
