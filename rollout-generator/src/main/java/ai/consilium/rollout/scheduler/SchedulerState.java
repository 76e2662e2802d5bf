package ai.consilium.rollout.scheduler;

import ai.consilium.rollout.scheduler.AdmissionController.OpenGroup;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.util.function.Consumer;

/**
 * What the scheduler knows of the run, all of it from the log.
 *
 * @param admission how many groups may be admitted, and which are open
 * @param untrained groups that ended without training of late
 * @param curriculum is told how each group ended
 * @param examinations that are apart from all this: they train nothing
 */
record SchedulerState(
        AdmissionController admission,
        NoProgressGuard untrained,
        Consumer<GroupOutcome> curriculum,
        ExaminationBook examinations) {
    /** A prompt stands in the log. */
    void enter(Prompt prompt) {
        OpenGroup group = OpenGroup.of(prompt);
        if (prompt.getPurpose().equals(Purpose.VALIDATION)) {
            examinations.prompted(group);
        } else {
            admission.prompted(group);
        }
    }

    /** A version stands in the log. What becomes of the experts is to be scheduled where they are consolidated. */
    void enter(PolicyUpdate update) {
        boolean unified = update.getSpecialty().equals(Topics.UNIFIED);
        if (unified && (!admission.policies().contains(Topics.UNIFIED) || update.getKind() == UpdateKind.DSA)) {
            return;
        }
        if (UnifiedAgent.isMergedStart(update)) {
            admission.begun(update.getSpecialty(), update.getVersion());
        } else {
            admission.published(
                    update.getSpecialty(), update.getVersion(), update.getFinalVersion(), update.getGroupIds());
        }
        untrained.enter(update);
        examinations.published(update);
    }

    /** A group's end stands in the log; of several the first counts. */
    void enter(GroupOutcome outcome) {
        if (!examinations.ended(outcome) && admission.ended(outcome.getGroupId(), outcome.getOutcome())) {
            untrained.enter(outcome, admission.policyOf(outcome.getGroupId()).orElse(outcome.getSpecialty()));
            curriculum.accept(outcome);
        }
    }
}
