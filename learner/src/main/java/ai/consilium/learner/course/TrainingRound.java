package ai.consilium.learner.course;

import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Which time round a policy is taught.
 *
 * @param number from 0
 * @param fromOffset of its training groups: where the round before stopped
 * @param agent that its experts start from, which the round before ended with; empty in the first
 */
public record TrainingRound(int number, long fromOffset, Optional<PolicyUpdate> agent) {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** The first, which begins with nothing. */
    public static final TrainingRound FIRST = new TrainingRound(0, 0, Optional.empty());

    /**
     * Waits for what the round before ended with.
     *
     * @return empty when the run ends with that, and when asked to stop before
     */
    public static Optional<TrainingRound> await(int number, long fromOffset, LearnerContext context, Pulse pulse) {
        Optional<PolicyUpdate> agent = Optional.empty();
        try (LogReader<PolicyUpdate> reader = new LogReader<>(
                context.run().kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, context.deadLetters(), 0, Map.of())) {
            while (agent.isEmpty()) {
                if (pulse.stopping()) {
                    return Optional.empty();
                }
                pulse.idle("the agent that round " + number + " ends with");
                agent = reader.poll(PATIENCE).stream()
                        .map(record -> record.value())
                        .filter(update -> UnifiedAgent.isAgent(update) && update.getRound() == number - 1)
                        .findFirst();
            }
        }
        pulse.beat();
        return agent.filter(UnifiedAgent::endsRun).isPresent()
                ? Optional.empty()
                : Optional.of(new TrainingRound(number, fromOffset, agent));
    }
}
