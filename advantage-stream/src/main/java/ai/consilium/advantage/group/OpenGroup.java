package ai.consilium.advantage.group;

import ai.consilium.estimators.Estimate;
import ai.consilium.estimators.Observation;
import ai.consilium.estimators.RewardSignal;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * All that is known of a group before it closes. Pure: what comes out depends on what the records say and on the order
 * within a topic, never on how topics interleaved or on a clock.
 *
 * @param prompt that opened it
 * @param plan that its prompt's stamp names
 * @param attempts its trajectories in the order of the log
 * @param scores by trajectory id
 */
public record OpenGroup(Prompt prompt, GroupScoringRule plan, Attempts attempts, Map<String, Scores> scores) {

    /** Whether the group is trained on without scores, and so without advantages. */
    public boolean unscored() {
        return prompt.getPurpose().equals(Purpose.DISTILL);
    }

    /** Whether there is nothing to learn from a group whose members were all scored alike. */
    public boolean needsSignal() {
        return prompt.getPurpose().equals(Purpose.RL);
    }

    /** Whether the group is only examined: how its answers did is its end, and no learner sees it. */
    public boolean examination() {
        return prompt.getPurpose().equals(Purpose.VALIDATION);
    }

    /** Trajectory id of each sample whose member has every score that it waits for. */
    public SortedMap<Integer, String> scored() {
        SortedMap<Integer, String> scored = new TreeMap<>();
        if (unscored()) {
            scored.putAll(attempts.members());
            return scored;
        }
        attempts.members().forEach((sample, id) -> {
            if (plan.satisfied(perspective(sample), scores.get(id), waitsFor())) {
                scored.put(sample, id);
            }
        });
        return scored;
    }

    private Set<Component> waitsFor() {
        return waitsFor(examination());
    }

    /** An examination asks for the answer alone: no guideline is waited for. */
    static Set<Component> waitsFor(boolean examination) {
        return examination ? EnumSet.of(Component.ACCURACY, Component.FORMAT) : EnumSet.allOf(Component.class);
    }

    public boolean complete() {
        // Most records find members missing: no need to ask what is scored.
        return attempts.members().size() == size() && scored().size() == size();
    }

    /** G. */
    public int size() {
        return prompt.getMembers().size();
    }

    /**
     * Scored trajectories with which a deadline closes the group as partial: max(4, half of it); one without scores, all of an
     * examination.
     */
    public int quorum() {
        if (examination()) {
            return size();
        }
        return unscored() ? 1 : Math.max(4, (size() + 1) / 2);
    }

    /** Advantages of the scored members, in sample order; 0 without scores. */
    public Estimate estimate() {
        if (unscored()) {
            return new Estimate(
                    scored().keySet().stream()
                            .map(sample -> new Estimate.Member(0, Map.of()))
                            .toList(),
                    RewardSignal.NONE);
        }
        return plan.estimator().estimate(observations());
    }

    private List<Observation> observations() {
        return scored().entrySet().stream()
                .map(e -> plan.observe(perspective(e.getKey()), scores.get(e.getValue())))
                .toList();
    }

    /** Mean accuracy of the scored members; null where no accuracy was scored. */
    public @Nullable Double passRate() {
        OptionalDouble mean = observations().stream()
                .mapToDouble(Observation::accuracy)
                .filter(accuracy -> !Double.isNaN(accuracy))
                .average();
        return mean.isPresent() ? mean.getAsDouble() : null;
    }

    /**
     * The group with its advantages.
     *
     * @param estimate of this group
     * @param trajectories by id
     */
    public TrainingGroup close(Closing how, Estimate estimate, Function<String, Trajectory> trajectories) {
        SortedMap<Integer, String> scored = scored();
        List<Member> members = new ArrayList<>();
        for (String id : scored.values()) {
            members.add(member(trajectories.apply(id), estimate.members().get(members.size())));
        }
        List<Integer> missing = IntStream.range(0, size())
                .filter(sample -> !scored.containsKey(sample))
                .boxed()
                .toList();
        return new TrainingGroup(
                prompt.getGroupId(),
                prompt.getSpecialty(),
                prompt.getCaseRef(),
                prompt.getScoringConfigHash(),
                plan.config().getEstimator(),
                size(),
                members,
                prompt.getSampling().getTemperature(),
                how,
                missing,
                attempts.superseded(size()),
                estimate.residual(),
                prompt.getCreatedMs(),
                !unscored() && plan.estimator().normalisesOverBatch(),
                prompt.getPolicy(),
                prompt.getPurpose(),
                prompt.getRound());
    }

    private String perspective(int sample) {
        return prompt.getMembers().get(sample);
    }

    private static Member member(Trajectory trajectory, Estimate.Member estimate) {
        return new Member(
                trajectory.getTrajectoryId(),
                trajectory.getSampleIndex(),
                trajectory.getPerspective(),
                trajectory.getPromptHash(),
                trajectory.getTokens(),
                trajectory.getLogprobs(),
                trajectory.getSpans(),
                trajectory.getFinishReason() == FinishReason.LENGTH,
                estimate.advantage(),
                estimate.parts());
    }
}
