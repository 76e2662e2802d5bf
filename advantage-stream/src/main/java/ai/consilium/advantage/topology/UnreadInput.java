package ai.consilium.advantage.topology;

import java.util.Map;
import java.util.Set;

/**
 * Tells whether a task still has committed input to read. Deadlines wait while it has: after an outage the trajectories
 * and scores that lie on the log are read before anything is abandoned. One thread only.
 */
public interface UnreadInput extends AutoCloseable {

    /**
     * Asks the log.
     *
     * @param partition of the task
     * @param next per topic, one past the last offset that the task has processed; absent for a topic of which it has
     *     processed nothing since it started
     * @return true also when the log did not answer
     */
    boolean any(int partition, Map<String, Long> next);

    /**
     * Whether trajectories that lay on the log when this was first asked for a group still have to be scored, by a reward service
     * that lives: it is slow, or a scorer is down, and the group's deadline waits.
     *
     * @param partition of the task
     * @param processes scorers that processes of somebody else are, which the group waits for too
     */
    default boolean scoresToCome(int partition, String groupId, Set<String> processes) {
        return false;
    }

    @Override
    default void close() {}
}
