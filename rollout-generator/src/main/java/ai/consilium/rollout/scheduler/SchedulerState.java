package ai.consilium.rollout.scheduler;

import ai.consilium.rollout.scheduler.AdmissionController.OpenGroup;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the scheduler knows of the run, all of it from the log.
 *
 * @param rounds books of each
 * @param curriculum is told how each group ended
 * @param examinations that are apart from all this: they train nothing
 */
record SchedulerState(Rounds rounds, Consumer<GroupOutcome> curriculum, ExaminationBook examinations) {
    /** The round that is under way: the first that is not over, or the last. */
    AdmissionController current() {
        return rounds.current();
    }

    /** Whether every round is over. */
    boolean over() {
        return rounds.over();
    }

    /** Number of a policy's prompts in all rounds, which is the number of its next one. */
    long prompts(String policy) {
        return trained(policy).mapToLong(admission -> admission.prompts(policy)).sum();
    }

    /** Groups of a policy without an end. */
    long openCount(String policy) {
        return trained(policy)
                        .mapToLong(admission -> admission.openCount(policy))
                        .sum()
                + examinations.openCount(policy);
    }

    /** Books of the rounds that a policy is trained in. */
    private Stream<AdmissionController> trained(String policy) {
        return rounds.begun().stream().map(RoundBooks::admission).filter(admission -> admission.has(policy));
    }

    /** The last round of which anything is known, from 0. */
    int newestRound() {
        return Math.max(0, rounds.begun().size() - 1);
    }

    /** A round after the first that may have its first prompt now. */
    OptionalInt toBegin() {
        List<RoundBooks> begun = rounds.begun();
        for (int round = 1; round < begun.size(); round++) {
            AdmissionController admission = begun.get(round).admission();
            List<String> policies = admission.policies();
            if (policies.stream().allMatch(policy -> admission.prompts(policy) == 0)
                    && policies.stream().anyMatch(policy -> admission.admissible(policy) > 0)) {
                return OptionalInt.of(round);
            }
        }
        return OptionalInt.empty();
    }

    /** Groups of a round that is over, which nobody will train on. */
    List<OpenGroup> leftOver() {
        return rounds.begun().stream()
                .map(RoundBooks::admission)
                .filter(AdmissionController::over)
                .flatMap(admission -> admission.open().stream())
                .toList();
    }

    /** Whether a prompt was entered before. */
    boolean knows(Prompt prompt) {
        String id = prompt.getGroupId();
        return prompt.getPurpose().equals(Purpose.VALIDATION)
                ? examinations.knows(id)
                : rounds.of(prompt.getRound()).admission().policyOf(id).isPresent();
    }

    /** A prompt stands in the log. */
    void enter(Prompt prompt) {
        OpenGroup group = OpenGroup.of(prompt);
        if (prompt.getPurpose().equals(Purpose.VALIDATION)) {
            examinations.prompted(group);
        } else {
            rounds.of(prompt.getRound()).admission().prompted(group);
        }
    }

    /** A version stands in the log. What becomes of the experts is to be scheduled where they are consolidated. */
    void enter(PolicyUpdate update) {
        if (UnifiedAgent.endsRun(update)) {
            rounds.endedWith(update.getRound());
        }
        AdmissionController admission = rounds.of(update.getRound()).admission();
        boolean unified = update.getSpecialty().equals(Topics.UNIFIED);
        if (unified && (!admission.has(Topics.UNIFIED) || update.getKind() == UpdateKind.DSA)) {
            return;
        }
        if (UnifiedAgent.isMergedStart(update) || update.getKind() == UpdateKind.DSA && update.getRound() > 0) {
            admission.begun(update.getSpecialty(), update.getVersion());
        } else {
            admission.published(
                    update.getSpecialty(), update.getVersion(), update.getFinalVersion(), update.getGroupIds());
        }
        rounds.of(update.getRound()).untrained().enter(update);
        examinations.published(update);
    }

    /** A group's end stands in the log; of several the first counts. */
    void enter(GroupOutcome outcome) {
        if (examinations.ended(outcome)) {
            return;
        }
        RoundBooks books = rounds.begun().stream()
                .filter(round ->
                        round.admission().policyOf(outcome.getGroupId()).isPresent())
                .findFirst()
                .orElseGet(() -> rounds.of(0));
        boolean first = books.admission().ended(outcome.getGroupId(), outcome.getOutcome());
        if (first) {
            String policy = books.admission().policyOf(outcome.getGroupId()).orElse(outcome.getSpecialty());
            books.untrained().enter(outcome, policy);
        }
        // That a group was trained on, its update may have told before.
        if (first || outcome.getOutcome() == Outcome.TRAINED) {
            curriculum.accept(outcome);
        }
    }

    /** A group was ended here. */
    void ended(OpenGroup group, Outcome outcome) {
        rounds.begun()
                .forEach(books -> books.admission()
                        .policyOf(group.groupId())
                        .ifPresent(policy -> books.admission().ended(group.groupId(), outcome)));
    }
}
