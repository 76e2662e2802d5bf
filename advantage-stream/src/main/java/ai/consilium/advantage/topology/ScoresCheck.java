package ai.consilium.advantage.topology;

import ai.consilium.advantage.group.ClosedGroup;
import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Whether scores can count, whoever wrote them: a process of somebody else that scores by itself may be mistaken about anything.
 *
 * @param plans scoring configurations; one that the log does not show yet is not held against scores, since no group closes
 *     without it
 * @param stores of the task
 */
record ScoresCheck(GroupScoringRules plans, GroupStores stores) {
    /** What is wrong with scores of an open group, in words; null when nothing is. */
    @Nullable
    String problem(Prompt prompt, Scores scores) {
        String problem = RecordValidator.problem(prompt, scores);
        if (problem == null) {
            problem = rule(scores).map(rule -> rule.problem(scores)).orElse(null);
        }
        if (problem == null && isExternal(scores)) {
            problem = stores.sample(scores.getGroupId(), scores.getTrajectoryId())
                    .filter(sample -> sample != scores.getSampleIndex())
                    .map(sample -> "its trajectory is of sample " + sample + ", not " + scores.getSampleIndex())
                    .orElse(null);
        }
        return problem;
    }

    /**
     * Whether scores of somebody else's process came before their trajectory, or name none: which of the two shows when the group
     * closes. A reward service reads what it scores.
     */
    boolean isAhead(Scores scores) {
        return isExternal(scores)
                && stores.sample(scores.getGroupId(), scores.getTrajectoryId()).isEmpty();
    }

    /** Whether scores of a closed group are such as it never waited for. */
    boolean onlyReported(@Nullable ClosedGroup closed, Scores scores) {
        return closed != null
                && rule(scores)
                        .filter(rule -> rule.problem(scores) == null && closed.onlyReported(scores, rule))
                        .isPresent();
    }

    private boolean isExternal(Scores scores) {
        return rule(scores).map(rule -> rule.external(scores)).orElse(false);
    }

    private Optional<GroupScoringRule> rule(Scores scores) {
        try {
            return plans.plan(scores.getScoringConfigHash());
        } catch (IllegalArgumentException unusable) {
            // Its groups end as rejected.
            return Optional.empty();
        }
    }
}
