package ai.consilium.learner.course;

import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UnifiedAgent;
import java.util.Optional;

/**
 * Which time round a policy is taught.
 *
 * @param number from 0
 * @param fromOffset of its training groups: where the round before stopped
 * @param agent that its experts start from, which the round before ended with, or that the run was given; else empty in the first
 */
public record TrainingRound(int number, long fromOffset, Optional<PolicyUpdate> agent) {
    /** The first, which begins with nothing. */
    public static final TrainingRound FIRST = new TrainingRound(0, 0, Optional.empty());

    /**
     * Waits for what the round before ended with.
     *
     * @return empty when the run ends with that, and when asked to stop before
     */
    public static Optional<TrainingRound> await(int number, long fromOffset, LearnerContext context, Pulse pulse) {
        return context.await(
                        "the agent that round " + number + " ends with",
                        update -> UnifiedAgent.isAgent(update) && update.getRound() == number - 1,
                        pulse)
                .filter(agent -> !UnifiedAgent.endsRun(agent))
                .map(agent -> new TrainingRound(number, fromOffset, Optional.of(agent)));
    }
}
