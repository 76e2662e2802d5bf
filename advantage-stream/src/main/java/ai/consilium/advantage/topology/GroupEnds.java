package ai.consilium.advantage.topology;

import ai.consilium.advantage.group.ClosedGroup;
import ai.consilium.advantage.group.OpenGroup;
import ai.consilium.advantage.group.PendingGroups;
import ai.consilium.estimators.Estimate;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.TrainingGroup;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;

/**
 * How groups end: each once, with what is written of it, and with nothing left of its state but a mark.
 *
 * @param stores of the task
 * @param agenda of the task
 */
record GroupEnds(
        ProcessorContext<String, SpecificRecord> context,
        GroupStores stores,
        PendingGroups agenda,
        GroupOutputs outputs,
        GroupMetrics meters) {
    /** Closes a group with the members that are scored: for its learner, or as filtered or examined. */
    void close(OpenGroup group, Closing how) {
        String groupId = group.prompt().getGroupId();
        if (group.examination()) {
            ClosedGroup mark = ClosedGroup.examined(now(), group);
            outputs.examined(group.prompt(), group.passRate(), mark.closedMs());
            finish(groupId, mark);
            return;
        }
        Estimate estimate = group.estimate();
        if (!group.unscored()) {
            meters.estimated(estimate.signal());
            if (!estimate.signal().any() && group.needsSignal()) {
                ClosedGroup mark = ClosedGroup.of(now(), "filtered", group);
                outputs.filtered(
                        group.prompt(),
                        "no component of the reward varies within the group",
                        group.passRate(),
                        mark.closedMs());
                finish(groupId, mark);
                return;
            }
        }
        TrainingGroup training = group.close(how, estimate, id -> stores.trajectory(groupId, id));
        outputs.training(training);
        String word = how == Closing.COMPLETE ? "complete" : "partial";
        finish(groupId, ClosedGroup.of(now(), word, group));
    }

    /** Ends a group that no learner sees. */
    void end(Prompt prompt, Outcome outcome, String reason, ClosedGroup mark) {
        outputs.ended(prompt, outcome, reason, mark.closedMs());
        finish(prompt.getGroupId(), mark);
    }

    private void finish(String groupId, ClosedGroup mark) {
        stores.close(groupId, mark);
        if (!agenda.isEarly(groupId) && stores.earlyGroups().contains(groupId)) {
            stores.takeEarly(groupId, context.taskId().partition())
                    .forEach(aside -> outputs.refuse(aside, "no trajectory of its group has the id that it names"));
        }
        if (agenda.isOpen(groupId)) {
            agenda.ended(groupId);
            meters.opened(-1);
        }
        meters.closed(mark.how());
    }

    private long now() {
        return context.currentSystemTimeMs();
    }
}
