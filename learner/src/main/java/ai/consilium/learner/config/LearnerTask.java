package ai.consilium.learner.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;

/**
 * What a learner is asked for.
 *
 * @param plan of the run
 * @param consolidation of the experts into one agent
 * @param validation of experts while they train
 * @param rounds how often experts are trained and made one; 0: until the run is told to stop
 * @param foldAgent whether the agent that a round ends with is folded into the base of the next; else its experts begin as it
 * @param maxCompletionTokens longest completion
 */
public record LearnerTask(
        TrainingPlan plan,
        ConsolidationPlan consolidation,
        ValidationPlan validation,
        int rounds,
        boolean foldAgent,
        int maxCompletionTokens) {
    /** Refuses what cannot be meant. */
    public LearnerTask {
        require(rounds >= 0, "rounds must not be negative");
        require(maxCompletionTokens >= 1, "max_completion_tokens must be at least 1");
    }
}
