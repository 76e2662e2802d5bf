package ai.consilium.cli.rescore;

import ai.consilium.advantage.group.Attempts;
import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.advantage.group.OpenGroup;
import ai.consilium.estimators.Estimate;
import ai.consilium.runlog.RecordedGroups;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * A recorded group, scored again.
 *
 * @param change of its advantages
 * @param group as it would have closed; its prompt bears the stamp of what it is scored by now
 * @param estimate its advantages
 */
public record RescoredGroup(GroupChange change, OpenGroup group, Estimate estimate) {
    /**
     * A rule with the scores that it is applied to.
     *
     * @param scores by trajectory id
     */
    record Scoring(GroupScoringRule rule, Map<String, Scores> scores) {
        OpenGroup group(Prompt prompt, Attempts attempts) {
            Prompt stamped = Prompt.newBuilder(prompt)
                    .setScoringConfigHash(rule.config().getHash())
                    .build();
            return new OpenGroup(stamped, rule, attempts, scores);
        }
    }

    /**
     * Computes a group's advantages by the code of the advantage stream.
     *
     * @param attempts its members of a group whose advantages are recorded, else all its trajectories in the order of the log
     * @return empty where it cannot be told which members counted: of a filtered group that closed at its deadline
     */
    static Optional<RescoredGroup> of(RecordedGroups.Group group, Attempts attempts, Scoring recorded, Scoring again) {
        OpenGroup now = again.group(group.prompt(), attempts);
        if (group.filtered()) {
            OpenGroup then = recorded.group(group.prompt(), attempts);
            if (then.estimate().signal().any() || !then.scored().equals(now.scored())) {
                return Optional.empty();
            }
        } else if (!List.copyOf(now.scored().values())
                .equals(group.members().stream()
                        .map(RecordedGroups.Member::trajectoryId)
                        .toList())) {
            return Optional.empty();
        }
        Estimate after = now.estimate();
        return Optional.of(new RescoredGroup(GroupChange.between(group, recorded.scores(), now, after), now, after));
    }

    /** Whether there is nothing to learn from it any more, or still nothing. */
    public boolean filtered() {
        return change.filteredAfter();
    }

    /** Whether it had advantages in the run. */
    public boolean closedBefore() {
        return !change.filteredBefore();
    }

    /** The group as the run closed it, with its advantages by what it is scored by now. */
    public TrainingGroup closed(TrainingGroup recorded) {
        List<Member> members = new ArrayList<>();
        for (Member member : recorded.getMembers().stream()
                .sorted(Comparator.comparingInt(Member::getSampleIndex))
                .toList()) {
            Estimate.Member now = estimate.members().get(members.size());
            members.add(Member.newBuilder(member)
                    .setAdvantage(now.advantage())
                    .setParts(now.parts())
                    .build());
        }
        return TrainingGroup.newBuilder(recorded)
                .setScoringConfigHash(group.plan().config().getHash())
                .setEstimator(group.plan().config().getEstimator())
                .setMembers(members)
                .setCapResidual(estimate.residual())
                .setBatchNormalised(group.plan().estimator().normalisesOverBatch())
                .build();
    }

    /** The group as it would have closed, of one that the run filtered. @param trajectories by id */
    public TrainingGroup closed(Function<String, Trajectory> trajectories) {
        return group.close(Closing.COMPLETE, estimate, trajectories);
    }
}
