package ai.consilium.monitor.report;

import ai.consilium.estimators.RewardComponent;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Which samples a reader is shown of each policy: of what its newest groups taught, the shortest right and wrong ones, each of
 * another case. A sample teaches when it has an advantage and ended by itself; those that keep the format come first.
 */
final class SampleChoice {
    /** Groups of a policy that are chosen from. */
    static final int NEWEST = 64;

    private static final Comparator<Candidate> BEST = Comparator.comparing(Candidate::wellFormed)
            .reversed()
            .thenComparingInt(Candidate::tokens)
            .thenComparing(Candidate::groupId)
            .thenComparingInt(Candidate::sample);

    private final Map<String, Deque<List<Candidate>>> newest = new TreeMap<>();

    /**
     * A sample that may be shown.
     *
     * @param wellFormed whether it keeps the format
     * @param tokens of its completion
     */
    record Candidate(
            String policy, String groupId, String caseId, int sample, boolean right, boolean wellFormed, int tokens) {}

    void add(TrainingGroup group) {
        List<Candidate> candidates = new ArrayList<>();
        for (Member member : group.getMembers()) {
            Double accuracy = member.getParts().get(RewardComponent.ACCURACY.label());
            if (accuracy != null && !member.getTruncated() && member.getAdvantage() != 0) {
                candidates.add(new Candidate(
                        PolicyTable.policyOf(group),
                        group.getGroupId(),
                        group.getCaseRef().getId(),
                        member.getSampleIndex(),
                        accuracy >= 0.5,
                        member.getParts().getOrDefault(RewardComponent.FORMAT.label(), 1.0) >= 1,
                        member.getTokens().size()));
            }
        }
        if (!candidates.isEmpty()) {
            Deque<List<Candidate>> groups =
                    newest.computeIfAbsent(PolicyTable.policyOf(group), policy -> new ArrayDeque<>());
            groups.addLast(candidates);
            if (groups.size() > NEWEST) {
                groups.removeFirst();
            }
        }
    }

    /** Of each policy so many right ones and so many wrong ones, where there are. */
    List<Candidate> chosen(int ofEach) {
        List<Candidate> chosen = new ArrayList<>();
        for (Deque<List<Candidate>> groups : newest.values()) {
            Set<String> cases = new HashSet<>();
            for (boolean right : new boolean[] {true, false}) {
                groups.stream()
                        .flatMap(List::stream)
                        .filter(one -> one.right() == right)
                        .sorted(BEST)
                        .filter(one -> cases.add(one.caseId()))
                        .limit(ofEach)
                        .forEach(chosen::add);
            }
        }
        return chosen;
    }
}
