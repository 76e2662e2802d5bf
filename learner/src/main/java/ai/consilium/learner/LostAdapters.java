package ai.consilium.learner;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.course.Course;
import ai.consilium.learner.course.ReinforcementCourse;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.sft.SharedStart;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyUpdate;
import java.util.Optional;

/**
 * Adapters that somebody cut off the log: workers that start wait for them, and the groups that the next version needs with them. A
 * learner that starts publishes again what it has checkpoints of.
 */
record LostAdapters(LearnerContext context, CheckpointStore checkpoints, Lineage lineage, Publisher publisher) {
    /** Looks, and puts right what it can. */
    void restore(Course course, Pulse pulse) throws InterruptedException {
        pulse.waitingFor("the adapters that are on the log");
        try (AdapterLog<Adapter> log = context.adapters()) {
            if (log.truncated(context.specialty())) {
                // In their order: whoever reads past a later version takes an earlier one for removed.
                for (long version : checkpoints.versions()) {
                    restore(version, log);
                    pulse.beat();
                }
            }
            if (course instanceof ReinforcementCourse && course.startParents().isEmpty()) {
                new SharedStart(context, course.fingerprint(), publisher).restore(log, pulse);
            }
        }
    }

    private void restore(long version, AdapterLog<Adapter> log) {
        Optional<PolicyUpdate> lost = lineage.at(version)
                .filter(update -> log.find(PolicyUpdate.newBuilder(update)
                                .clearFoldedAgent()
                                .build())
                        .isEmpty());
        if (lost.isPresent()) {
            Optional<Checkpoint> held = checkpoints
                    .read(version)
                    .filter(checkpoint -> lineage.holds(
                            version, checkpoint.trained().adapter().hash()));
            held.ifPresent(checkpoint ->
                    publisher.republish(lost.get(), checkpoint.trained().adapter()));
            context.report()
                    .phase(
                            Phases.RESUMED,
                            "version %d was no longer on the log, and %s"
                                    .formatted(version, held.isPresent() ? "is there again" : "is not held here"));
        }
    }
}
