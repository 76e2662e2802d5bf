package ai.consilium.learner.config;

import static ai.consilium.platform.config.Require.require;

/**
 * What a learner is asked for; shared with the scheduler, which paces prompts by the same numbers.
 *
 * @param batchSize groups a step, B
 * @param steps reinforcement updates that the run asks for; 0 ends with the adaptation
 * @param maxOffPolicySteps largest staleness that is trained on, η
 * @param maxCompletionTokens longest completion
 * @param seed of the run
 */
public record LearnerTask(int batchSize, int steps, int maxOffPolicySteps, int maxCompletionTokens, long seed) {
    /** Refuses what cannot be meant. */
    public LearnerTask {
        require(batchSize >= 1, "batch_size must be at least 1");
        require(steps >= 0, "steps must not be negative");
        require(maxOffPolicySteps >= 0, "max_off_policy_steps must not be negative");
        require(maxCompletionTokens >= 1, "max_completion_tokens must be at least 1");
    }
}
