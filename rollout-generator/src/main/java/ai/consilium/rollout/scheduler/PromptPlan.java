package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The n-th prompt of each policy: a specialty's own cases, or for the unified agent those of all specialties in turn. Group id
 * and seed depend only on the configuration, the case file, the policy and n, the case of a specialty's prompt also on what its
 * curriculum has seen: what stands in the log. A restart repeats nothing and skips nothing.
 */
final class PromptPlan {
    private final PromptStamp stamp;
    private final SchedulerConfig config;
    private final ConsolidationPlan consolidation;
    private final CaseFile cases;
    private final List<String> specialties;
    private final Map<String, CaseOrder> orders = new LinkedHashMap<>();
    private final Map<String, CaseCurriculum> curricula = new LinkedHashMap<>();
    private final Map<String, CaseOrder> lessons = new LinkedHashMap<>();

    /** @throws UsageException when a specialty has no case */
    PromptPlan(PromptStamp stamp, ConsolidationPlan consolidation, CaseFile cases, List<String> specialties) {
        this.stamp = stamp;
        this.config = stamp.config();
        this.consolidation = consolidation;
        this.specialties = List.copyOf(specialties);
        this.cases = cases;
        for (String specialty : specialties) {
            List<Case> own = cases.cases().stream()
                    .filter(one -> one.specialty().equals(specialty))
                    .toList();
            if (own.isEmpty()) {
                throw new UsageException("data_root: " + cases.path() + " has no case of specialty " + specialty);
            }
            List<String> ids = own.stream().map(Case::id).toList();
            long seed = config.plan().seed();
            CaseOrder order = new CaseOrder(seed, specialty, ids);
            orders.put(specialty, order);
            curricula.put(specialty, new CaseCurriculum(config.byPassRate(), order));
            lessons.put(specialty, new CaseOrder(seed, Topics.UNIFIED + "/" + specialty, ids));
        }
    }

    /** The n-th prompt of a policy, from 0, whatever the round. */
    Prompt prompt(String policy, long n, long version, int round, long nowMs) {
        Prompt.Builder prompt =
                policy.equals(Topics.UNIFIED) ? lesson(n, version, nowMs) : reinforcement(policy, n, version, nowMs);
        return prompt.setRound(round).build();
    }

    private Prompt.Builder reinforcement(String specialty, long n, long version, long nowMs) {
        long position = curriculum(specialty).take();
        return start(specialty, n, version, nowMs)
                .setSpecialty(specialty)
                .setCaseRef(caseOf(orders, specialty, position))
                .setCasePosition(position)
                .setMembers(config.members(n))
                .setPurpose(Purpose.RL);
    }

    private Prompt.Builder lesson(long n, long version, long nowMs) {
        int count = specialties.size();
        String specialty = specialties.get((int) (n % count));
        return start(Topics.UNIFIED, n, version, nowMs)
                .setSpecialty(specialty)
                .setCaseRef(caseOf(lessons, specialty, n / count))
                .setMembers(config.members(consolidation.groupSize(), n / count))
                .setPurpose(consolidation.rewarded() ? Purpose.DISTILL_REWARDED : Purpose.DISTILL);
    }

    private Prompt.Builder start(String policy, long n, long version, long nowMs) {
        return stamp.begin(policy + "-" + n, policy, version, config.sampling().temperature(), nowMs);
    }

    private CaseRef caseOf(Map<String, CaseOrder> from, String specialty, long n) {
        CaseOrder order = from.get(specialty);
        if (order == null) {
            throw new IllegalArgumentException("specialty '" + specialty + "' is not one of " + from.keySet());
        }
        return new CaseRef(CaseLibrary.TRAINING_FILE, cases.sha256(), order.caseId(n));
    }

    private CaseCurriculum curriculum(String specialty) {
        CaseCurriculum curriculum = curricula.get(specialty);
        if (curriculum == null) {
            throw new IllegalArgumentException("specialty '" + specialty + "' is not one of " + curricula.keySet());
        }
        return curriculum;
    }

    /** A prompt stands in the log. @throws UsageException when it was made from other cases than these */
    void written(Prompt prompt) {
        PromptStamp.requireMadeFrom(cases, prompt);
        String policy = PolicyTable.policyOf(prompt);
        CaseCurriculum curriculum = curricula.get(policy);
        if (curriculum != null) {
            curriculum.prompted(prompt, Long.parseLong(prompt.getGroupId().substring(policy.length() + 1)));
        }
    }

    /** A group's end stands in the log. */
    void ended(GroupOutcome outcome) {
        CaseCurriculum curriculum = curricula.get(outcome.getSpecialty());
        if (curriculum != null) {
            curriculum.ended(outcome);
        }
    }
}
