package ai.consilium.advantage.topology;

import ai.consilium.platform.kafka.SourceRecord;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.TrainingGroup;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * What a task writes, each kind to its child node.
 *
 * @param outcomes makes those of this instance
 */
record GroupOutputs(ProcessorContext<String, SpecificRecord> context, OutcomeFactory outcomes, GroupMetrics meters) {
    /** Child nodes. */
    static final String GROUPS = "training-groups";

    static final String OUTCOMES = "group-outcomes";
    static final String LETTERS = "dead-letters";

    /** A group for its policy's learner. */
    void training(TrainingGroup group) {
        forward(PolicyTable.policyOf(group), group, GROUPS);
    }

    /** A group that ends here, and why no learner sees it. */
    void ended(Prompt prompt, Outcome outcome, String reason, long nowMs) {
        String groupId = prompt.getGroupId();
        forward(groupId, outcomes.untrained(groupId, PolicyTable.policyOf(prompt), outcome, reason, nowMs), OUTCOMES);
    }

    /** A group in which nothing varies. @param passRate share of right answers, or null */
    void filtered(Prompt prompt, String reason, @Nullable Double passRate, long nowMs) {
        String groupId = prompt.getGroupId();
        forward(groupId, outcomes.filtered(groupId, PolicyTable.policyOf(prompt), reason, passRate, nowMs), OUTCOMES);
    }

    /** A group that was only examined. @param accuracy share of right answers, or null where none was judged */
    void examined(Prompt prompt, @Nullable Double accuracy, long nowMs) {
        String groupId = prompt.getGroupId();
        String policy = PolicyTable.policyOf(prompt);
        forward(groupId, outcomes.examined(groupId, policy, prompt.getAdmittedAtVersion(), accuracy, nowMs), OUTCOMES);
    }

    /** A record that no group can use. */
    void refuse(SourceRecord origin, String reason) {
        meters.refused();
        forward(origin.place(), origin.letter(AdvantageTopology.ROLE, reason, now()), LETTERS);
    }

    private void forward(String key, SpecificRecord value, String child) {
        context.forward(new Record<>(key, value, now()), child);
    }

    private long now() {
        return context.currentSystemTimeMs();
    }
}
