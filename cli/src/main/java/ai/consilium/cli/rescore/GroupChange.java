package ai.consilium.cli.rescore;

import ai.consilium.advantage.group.Attempts;
import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.advantage.group.OpenGroup;
import ai.consilium.estimators.Estimate;
import ai.consilium.runlog.RecordedGroups;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A group's advantages as they are recorded and as they would be.
 *
 * @param policy that is trained on it
 * @param filteredBefore whether it was left out, since no component of its reward varied
 * @param filteredAfter whether it would be
 * @param members in sample order; the advantages of a group that is filtered are 0
 */
record GroupChange(
        String groupId,
        String policy,
        String specialty,
        String caseId,
        boolean filteredBefore,
        boolean filteredAfter,
        List<Member> members) {
    /**
     * One sample.
     *
     * @param before its recorded advantage
     * @param after what it would be
     * @param partsBefore named parts of the recorded advantage; null of a group that was filtered
     * @param partsAfter named parts of what it would be
     * @param scores of it that changed
     */
    record Member(
            int sample,
            String perspective,
            String trajectoryId,
            double before,
            double after,
            @Nullable Map<String, Double> partsBefore,
            Map<String, Double> partsAfter,
            List<ScoreChange> scores) {
        /** Whether advantage and parts came out bit for bit; where none were recorded, whether there still is none. */
        boolean same() {
            if (partsBefore == null) {
                return after == 0;
            }
            return Double.doubleToRawLongBits(before) == Double.doubleToRawLongBits(after)
                    && partsBefore.equals(partsAfter);
        }

        /** Whether it would be pushed the other way. */
        boolean flips() {
            return before * after < 0;
        }
    }

    /**
     * A rule with the scores that it is applied to.
     *
     * @param scores by trajectory id
     */
    record Scoring(GroupScoringRule rule, Map<String, Scores> scores) {
        OpenGroup group(Prompt prompt, Attempts attempts) {
            return new OpenGroup(prompt, rule, attempts, scores);
        }
    }

    /**
     * Computes a group's advantages by the code of the advantage stream.
     *
     * @param attempts its members of a group whose advantages are recorded, else all its trajectories in the order of the log
     * @return empty where it cannot be told which members counted: of a filtered group that closed at its deadline
     */
    static Optional<GroupChange> of(RecordedGroups.Group group, Attempts attempts, Scoring recorded, Scoring again) {
        Prompt prompt = group.prompt();
        OpenGroup now = again.group(prompt, attempts);
        Estimate after = now.estimate();
        List<String> ids = List.copyOf(now.scored().values());
        List<RecordedGroups.Member> before = group.members();
        if (group.filtered()) {
            OpenGroup then = recorded.group(prompt, attempts);
            if (then.estimate().signal().any() || !then.scored().equals(now.scored())) {
                return Optional.empty();
            }
        } else if (!ids.equals(
                before.stream().map(RecordedGroups.Member::trajectoryId).toList())) {
            return Optional.empty();
        }
        List<Member> members = new ArrayList<>();
        for (int sample : now.scored().keySet()) {
            int at = members.size();
            String id = ids.get(at);
            RecordedGroups.Member old = group.filtered() ? null : before.get(at);
            Estimate.Member estimate = after.members().get(at);
            members.add(new Member(
                    sample,
                    prompt.getMembers().get(sample),
                    id,
                    old == null ? 0 : old.advantage(),
                    estimate.advantage(),
                    old == null ? null : old.parts(),
                    estimate.parts(),
                    ScoreChange.between(
                            Objects.requireNonNull(recorded.scores().get(id)),
                            Objects.requireNonNull(again.scores().get(id)))));
        }
        return Optional.of(new GroupChange(
                prompt.getGroupId(),
                PolicyTable.policyOf(prompt),
                prompt.getSpecialty(),
                prompt.getCaseRef().getId(),
                group.filtered(),
                !after.signal().any(),
                members));
    }

    /** Whether anything came out otherwise, scores included. */
    boolean changed() {
        return filteredBefore != filteredAfter
                || members.stream()
                        .anyMatch(member -> !member.same() || !member.scores().isEmpty());
    }

    /** Mean absolute change of its advantages. */
    @JsonProperty
    double change() {
        return members.stream()
                .mapToDouble(member -> Math.abs(member.after() - member.before()))
                .average()
                .orElse(0);
    }
}
