package ai.consilium.learner.context;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.RunContext;

/**
 * Everything that one specialty's learner works with.
 *
 * @param run what all services of the process share
 * @param specialty whose expert is trained
 * @param config how
 * @param task how far
 * @param inputs shared by the learners of the process
 * @param bases likewise
 * @param report where progress is told
 * @param deadLetters where unreadable records go
 * @param faults where a test makes it die
 */
public record LearnerContext(
        RunContext run,
        String specialty,
        LearnerConfig config,
        LearnerTask task,
        LearnerInputs inputs,
        FoldedBases bases,
        LearnerReport report,
        DeadLetters deadLetters,
        FaultPoint.Plan faults) {
    /** Role name. */
    public static final String ROLE = "learner";
}
