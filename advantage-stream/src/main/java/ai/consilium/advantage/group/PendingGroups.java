package ai.consilium.advantage.group;

import ai.consilium.schemas.Prompt;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What a task looks at without a record telling it to. All of it follows from the stores, and is kept here only so that
 * they are not read every second; the order is that of the ids, never of a hash.
 */
public final class PendingGroups {
    private final Map<String, Long> deadlines = new TreeMap<>();
    private final Map<String, Long> earlySince = new TreeMap<>();
    private final Set<String> unplanned = new TreeSet<>();

    /** A group is open; it is looked at once, as its scoring configuration may be missing. */
    public void open(Prompt prompt) {
        deadlines.put(prompt.getGroupId(), prompt.getDeadlineMs());
        unplanned.add(prompt.getGroupId());
    }

    /** Whether a group is open. */
    public boolean isOpen(String groupId) {
        return deadlines.containsKey(groupId);
    }

    /** How many groups are open. */
    public int open() {
        return deadlines.size();
    }

    /** A group ended. */
    public void ended(String groupId) {
        deadlines.remove(groupId);
        unplanned.remove(groupId);
    }

    /** Open groups whose deadline has come. */
    public List<String> overdue(long nowMs) {
        return upTo(deadlines, nowMs);
    }

    /** The scoring configuration of a group has not come: it is looked at again. */
    public void lookAgain(String groupId) {
        unplanned.add(groupId);
    }

    /** Takes out the groups to look at again. */
    public List<String> takeUnplanned() {
        List<String> taken = List.copyOf(unplanned);
        unplanned.clear();
        return taken;
    }

    /** A record came before the prompt of its group. */
    public void early(String groupId, long nowMs) {
        earlySince.putIfAbsent(groupId, nowMs);
    }

    /** Whether records came before the prompt of a group, and wait for it. */
    public boolean isEarly(String groupId) {
        return earlySince.containsKey(groupId);
    }

    /** The prompt came, or is no longer waited for; false when nothing was kept aside for it. */
    public boolean prompted(String groupId) {
        return earlySince.remove(groupId) != null;
    }

    /** Groups whose first early record was seen by then. */
    public List<String> earlyUpTo(long epochMs) {
        return upTo(earlySince, epochMs);
    }

    private static List<String> upTo(Map<String, Long> times, long limit) {
        return times.entrySet().stream()
                .filter(entry -> entry.getValue() <= limit)
                .map(Map.Entry::getKey)
                .toList();
    }
}
