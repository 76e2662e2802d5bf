package ai.consilium.cli.rescore;

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
     * Compares.
     *
     * @param before whose scores the recorded advantages follow from, by trajectory id
     * @param now the group as it is scored again
     * @param after what its advantages would be
     */
    static GroupChange between(RecordedGroups.Group group, Map<String, Scores> before, OpenGroup now, Estimate after) {
        Prompt prompt = group.prompt();
        List<Member> members = new ArrayList<>();
        now.scored().forEach((sample, id) -> {
            int at = members.size();
            RecordedGroups.Member old =
                    group.filtered() ? null : group.members().get(at);
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
                            Objects.requireNonNull(before.get(id)),
                            Objects.requireNonNull(now.scores().get(id)))));
        });
        return new GroupChange(
                prompt.getGroupId(),
                PolicyTable.policyOf(prompt),
                prompt.getSpecialty(),
                prompt.getCaseRef().getId(),
                group.filtered(),
                !after.signal().any(),
                members);
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
