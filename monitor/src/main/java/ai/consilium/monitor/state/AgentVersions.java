package ai.consilium.monitor.state;

import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** The newest versions of the merged agent that are more than a step of consolidation. */
final class AgentVersions {
    private static final int KEPT = 20;
    private static final String VALIDATION = "val/";
    private static final String MERGE = "merge/";

    private final Deque<RunSnapshot.Agent> newestFirst = new ArrayDeque<>();

    void add(PolicyUpdate update) {
        if (update.getKind() != UpdateKind.MERGE && !update.getFinalVersion()) {
            return;
        }
        Map<String, Double> figures = new TreeMap<>(update.getFigures());
        figures.keySet().removeIf(name -> !name.startsWith(VALIDATION) && !name.startsWith(MERGE));
        newestFirst.addFirst(new RunSnapshot.Agent(
                update.getVersion(),
                update.getKind().name().toLowerCase(Locale.ROOT),
                update.getRound(),
                update.getFinalVersion(),
                update.getCreatedMs(),
                figures));
        if (newestFirst.size() > KEPT) {
            newestFirst.removeLast();
        }
    }

    List<RunSnapshot.Agent> newestFirst() {
        return List.copyOf(newestFirst);
    }
}
