package ai.consilium.monitor.state;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The books of one specialty: groups begun and how they ended. The first outcome of a group in the log counts. */
final class GroupCounts {
    private final SeenIds begun = new SeenIds();
    private final SeenIds ended = new SeenIds();
    private final Map<Outcome, Long> outcomes = new LinkedHashMap<>();

    GroupCounts() {
        for (Outcome outcome : Outcome.values()) {
            outcomes.put(outcome, 0L);
        }
    }

    void begun(String groupId) {
        begun.add(groupId);
    }

    /** @return whether it is the group's first outcome */
    boolean ended(GroupOutcome outcome) {
        boolean first = ended.add(outcome.getGroupId());
        if (first) {
            outcomes.merge(outcome.getOutcome(), 1L, Long::sum);
        }
        return first;
    }

    boolean hasEnded(String groupId) {
        return ended.contains(groupId);
    }

    RunSnapshot.Books books() {
        Map<String, Long> named = new LinkedHashMap<>();
        outcomes.forEach((outcome, count) -> named.put(outcome.name().toLowerCase(Locale.ROOT), count));
        // The topics are read apart: an outcome may be seen before its prompt, which is then not open.
        return new RunSnapshot.Books(begun.size(), named, Math.max(0, begun.size() - ended.size()));
    }

    /** Sum over specialties. */
    static RunSnapshot.Books sum(Iterable<RunSnapshot.Books> parts) {
        Map<String, Long> outcomes = new GroupCounts().books().outcomes();
        long prompts = 0;
        long open = 0;
        for (RunSnapshot.Books part : parts) {
            prompts += part.prompts();
            open += part.open();
            part.outcomes().forEach((outcome, count) -> outcomes.merge(outcome, count, Long::sum));
        }
        return new RunSnapshot.Books(prompts, outcomes, open);
    }
}
