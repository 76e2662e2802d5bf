package ai.consilium.monitor.state;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * How old groups were when they were trained on: versions between the oldest that sampled a group and the one that was trained
 * on. A group and its outcome come from different topics, so either may be seen first; what finds no partner among the newest
 * {@link #WAITING} is forgotten.
 */
final class StalenessCounts {
    private static final int WAITING = 20_000;
    /** The last counts all that are older. */
    private static final int BARS = 17;

    private final Map<String, Long> sampledBy = bounded();
    private final Map<String, Long> trainedBy = bounded();
    private final long[] counts = new long[BARS];

    void group(TrainingGroup group) {
        long oldest = Long.MAX_VALUE;
        for (Member member : group.getMembers()) {
            for (Span span : member.getSpans()) {
                oldest = Math.min(oldest, span.getPolicyVersion());
            }
        }
        if (oldest == Long.MAX_VALUE) {
            return;
        }
        Long trained = trainedBy.remove(group.getGroupId());
        if (trained == null) {
            sampledBy.put(group.getGroupId(), oldest);
        } else {
            count(oldest, trained);
        }
    }

    void ended(GroupOutcome outcome) {
        Long oldest = sampledBy.remove(outcome.getGroupId());
        if (outcome.getOutcome() == Outcome.TRAINED) {
            if (oldest == null) {
                trainedBy.put(outcome.getGroupId(), outcome.getPolicyVersion());
            } else {
                count(oldest, outcome.getPolicyVersion());
            }
        }
    }

    private void count(long oldest, long trained) {
        // The version that comes of a step was trained from the one before it.
        counts[(int) Math.max(0, Math.min(BARS - 1, trained - 1 - oldest))]++;
    }

    long[] counts() {
        return counts.clone();
    }

    private static Map<String, Long> bounded() {
        return new LinkedHashMap<>() {
            private static final long serialVersionUID = 1;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Long> eldest) {
                return size() > WAITING;
            }
        };
    }
}
