package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.rollout.order.CaseCurriculum;
import ai.consilium.rollout.order.CaseDeck;
import ai.consilium.rollout.order.CaseOrder;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Topics;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The n-th prompt of each policy: a specialty's own cases, or for the unified agent those of all specialties in turn. Group id
 * and seed depend only on the configuration, the policy and n; the case also on the editions of the training cases, the round,
 * and what a specialty's curriculum has seen: what stands in the log. A restart repeats nothing and skips nothing.
 */
final class PromptPlan {
    private final PromptStamp stamp;
    private final SchedulerConfig config;
    private final ConsolidationPlan consolidation;
    private final PolicyTable policies;
    /** By the round that they are drawn on from. */
    private final NavigableMap<Integer, CaseFile> editions = new TreeMap<>();

    private final Map<String, CaseCurriculum> curricula = new LinkedHashMap<>();
    private final Map<String, CaseOrder> lessons = new LinkedHashMap<>();

    /**
     * What it knows of the log, by specialty.
     *
     * @param curricula of the specialties' own prompts
     * @param lessons places of the unified agent's that were drawn, by round
     */
    record Content(Map<String, CaseCurriculum.Content> curricula, Map<String, SortedMap<Integer, Long>> lessons) {}

    /** @throws UsageException when a specialty has no case */
    PromptPlan(PromptStamp stamp, ConsolidationPlan consolidation, CaseFile cases, PolicyTable policies) {
        this.stamp = stamp;
        this.config = stamp.config();
        this.consolidation = consolidation;
        this.policies = policies;
        from(0, cases);
        requireCases(0);
    }

    /**
     * Draws on cases from a round on.
     *
     * @param cases in round 0 those that the run began with; later those before, then others
     * @throws UsageException when a specialty has cases whose answers cannot be balanced
     */
    void from(int round, CaseFile cases) {
        editions.put(round, cases);
        if (round == 0) {
            // All orders begin with it.
            curricula.clear();
            lessons.clear();
        }
        for (String specialty : policies.specialties()) {
            List<Case> own = cases.cases().stream()
                    .filter(one -> one.specialty().equals(specialty))
                    .toList();
            // One that is trained from a later round on may have its first cases by then.
            if (!own.isEmpty()) {
                draw(specialty, round, CaseDeck.balanced(specialty, own, config.answerBalance()));
            }
        }
    }

    private void draw(String specialty, int round, CaseDeck deck) {
        CaseCurriculum curriculum = curricula.get(specialty);
        if (curriculum == null) {
            long seed = config.plan().seed();
            CaseOrder order = new CaseOrder(seed, specialty, deck);
            curricula.put(specialty, new CaseCurriculum(config.byPassRate(), order));
            lessons.put(specialty, new CaseOrder(seed, Topics.UNIFIED + "/" + specialty, deck));
        } else {
            curriculum.from(round, deck);
            of(lessons, specialty).from(round, deck);
        }
    }

    /** @throws UsageException when a specialty that is trained in a round has no case in it */
    void requireCases(int round) {
        policies.specialties(round).forEach(specialty -> of(curricula, specialty));
    }

    /** Specialties that are trained from a round on, and not in those before. */
    List<String> joining(int round) {
        return policies.specialties(round).stream()
                .filter(specialty -> policies.since(specialty) == round)
                .toList();
    }

    /** Takes what another knew of the log. */
    void restore(Content content) {
        content.curricula().forEach((specialty, of) -> of(curricula, specialty).restore(of));
        content.lessons().forEach((specialty, drawn) -> of(lessons, specialty).restore(drawn));
    }

    /** What it knows of the log. */
    Content content() {
        Map<String, CaseCurriculum.Content> known = new LinkedHashMap<>();
        curricula.forEach((specialty, curriculum) -> known.put(specialty, curriculum.content()));
        Map<String, SortedMap<Integer, Long>> drawn = new LinkedHashMap<>();
        lessons.forEach((specialty, order) -> drawn.put(specialty, order.drawn()));
        return new Content(known, drawn);
    }

    /** The cases that a round draws on. */
    CaseFile cases(int round) {
        return editions.floorEntry(round).getValue();
    }

    /** The round since which they are drawn on. */
    int since(int round) {
        return editions.floorKey(round);
    }

    /** The n-th prompt of a policy, from 0, whatever the round. */
    Prompt prompt(String policy, long n, long version, int round, long nowMs) {
        Prompt.Builder prompt = policy.equals(Topics.UNIFIED)
                ? lesson(n, version, round, nowMs)
                : reinforcement(policy, n, version, round, nowMs);
        return prompt.setRound(round).build();
    }

    private Prompt.Builder reinforcement(String specialty, long n, long version, int round, long nowMs) {
        CaseCurriculum curriculum = of(curricula, specialty);
        long position = curriculum.take(round);
        return start(specialty, n, version, nowMs)
                .setSpecialty(specialty)
                .setCaseRef(ref(round, curriculum.caseId(position)))
                .setCasePosition(position)
                .setMembers(config.members(n))
                .setPurpose(Purpose.RL);
    }

    private Prompt.Builder lesson(long n, long version, int round, long nowMs) {
        List<String> taught = policies.specialties(round);
        String specialty = taught.get((int) (n % taught.size()));
        CaseOrder order = of(lessons, specialty);
        long position = order.next(round);
        order.drawn(round, position);
        return start(Topics.UNIFIED, n, version, nowMs)
                .setSpecialty(specialty)
                .setCaseRef(ref(round, order.caseId(position)))
                .setCasePosition(position)
                .setMembers(config.members(consolidation.groupSize(), position))
                .setPurpose(consolidation.rewarded() ? Purpose.DISTILL_REWARDED : Purpose.DISTILL);
    }

    private Prompt.Builder start(String policy, long n, long version, long nowMs) {
        return stamp.begin(policy + "-" + n, policy, version, config.sampling().temperature(), nowMs);
    }

    private CaseRef ref(int round, String caseId) {
        return new CaseRef(CaseLibrary.TRAINING_FILE, cases(round).sha256(), caseId);
    }

    private <T> T of(Map<String, T> bySpecialty, String specialty) {
        T found = bySpecialty.get(specialty);
        if (found == null) {
            throw new UsageException(
                    "data_root: " + editions.lastEntry().getValue().path() + " has no case of specialty " + specialty);
        }
        return found;
    }

    /** A prompt stands in the log. @throws UsageException when it was made from other cases than these */
    void written(Prompt prompt) {
        PromptStamp.requireMadeFrom(cases(prompt.getRound()), prompt);
        String policy = PolicyTable.policyOf(prompt);
        long n = Long.parseLong(prompt.getGroupId().substring(policy.length() + 1));
        CaseCurriculum curriculum = curricula.get(policy);
        if (curriculum != null) {
            curriculum.prompted(prompt, n);
        } else if (policy.equals(Topics.UNIFIED)) {
            int round = prompt.getRound();
            long position = prompt.getCasePosition();
            // Early ones do not carry it.
            of(lessons, prompt.getSpecialty())
                    .drawn(
                            round,
                            position >= 0
                                    ? position
                                    : n / policies.specialties(round).size());
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
