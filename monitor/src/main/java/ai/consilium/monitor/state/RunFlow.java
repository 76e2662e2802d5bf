package ai.consilium.monitor.state;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The run as a flow from stage to stage. Arrow i leads from stage i to stage i + 1.
 *
 * @param stages in the order of the flow
 * @param arrows between them
 */
public record RunFlow(List<Stage> stages, List<Arrow> arrows) {
    static final List<String> STAGES = List.of("prompts", "workers", "rewards", "advantages", "learners", "merger");
    static final List<String> ARROWS = List.of("prompts", "trajectories", "scores", "training groups", "updates");
    static final int PROMPTS = 0;
    static final int TRAJECTORIES = 1;
    static final int SCORES = 2;
    static final int GROUPS = 3;
    static final int UPDATES = 4;

    /**
     * A stage.
     *
     * @param starving nothing waits for it, while groups wait further up
     * @param busiest most groups wait for it
     */
    public record Stage(String name, boolean starving, boolean busiest) {}

    /**
     * What passes between two stages.
     *
     * @param total records so far
     * @param perSecond records a second, lately; of a run that has ended over its whole time
     * @param waiting groups that are on this arrow: the stage at its end has them, or will take them, next
     * @param oldestMs since when the first of these has waited; null where none does
     */
    public record Arrow(
            String name,
            long total,
            double perSecond,
            int waiting,
            @Nullable Long oldestMs) {}

    /**
     * The stage that has nothing to do because of one before it: the first after the busiest for which no group waits. With no
     * group under way it is the workers, for want of prompts.
     *
     * @param waiting groups on each arrow
     * @return index of the stage; -1 where none starves
     */
    static int starving(int[] waiting) {
        int busiest = busiest(waiting);
        if (busiest < 0) {
            return 1;
        }
        // The merger waits for the end of the run: that is no want.
        for (int stage = busiest + 1; stage < STAGES.size() - 1; stage++) {
            if (waiting[stage - 1] == 0) {
                return stage;
            }
        }
        return -1;
    }

    /** The stage for which most groups wait; -1 where none does. */
    static int busiest(int[] waiting) {
        int busiest = -1;
        for (int arrow = 0; arrow < waiting.length; arrow++) {
            if (waiting[arrow] > 0 && (busiest < 0 || waiting[arrow] > waiting[busiest - 1])) {
                busiest = arrow + 1;
            }
        }
        return busiest;
    }
}
