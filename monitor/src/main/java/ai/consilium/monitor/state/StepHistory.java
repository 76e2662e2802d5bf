package ai.consilium.monitor.state;

import ai.consilium.estimators.RewardComponent;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of one specialty: joins each update with the groups that it names as consumed. The two come from different
 * topics, so either may be seen first.
 */
final class StepHistory {
    private static final int MOST_POINTS = 300;

    /** What is kept of a group: sums over its members and the oldest version in it. */
    private record GroupFigures(Mean accuracy, Mean format, Mean guideline, long oldestVersion) {}

    private record Mean(double sum, int count) {
        static final Mean NONE = new Mean(0, 0);

        Mean plus(@Nullable Double value) {
            return value == null ? this : new Mean(sum + value, count + 1);
        }

        Mean plus(Mean other) {
            return new Mean(sum + other.sum, count + other.count);
        }

        @Nullable
        Double value() {
            return count == 0 ? null : sum / count;
        }
    }

    private final Map<String, GroupFigures> waiting = new HashMap<>();
    private final List<PolicyUpdate> incomplete = new ArrayList<>();
    private final List<RunSnapshot.Step> steps = new ArrayList<>();

    void group(TrainingGroup group) {
        Mean accuracy = Mean.NONE;
        Mean format = Mean.NONE;
        Mean guideline = Mean.NONE;
        long oldest = Long.MAX_VALUE;
        for (Member member : group.getMembers()) {
            accuracy = accuracy.plus(member.getParts().get(RewardComponent.ACCURACY.label()));
            format = format.plus(member.getParts().get(RewardComponent.FORMAT.label()));
            guideline = guideline.plus(member.getParts().get(RewardComponent.GUIDELINE.label()));
            for (Span span : member.getSpans()) {
                oldest = Math.min(oldest, span.getPolicyVersion());
            }
        }
        waiting.put(group.getGroupId(), new GroupFigures(accuracy, format, guideline, oldest));
        completeUpdates();
    }

    /** The group will not be trained on. */
    void dropped(String groupId) {
        waiting.remove(groupId);
    }

    void update(PolicyUpdate update) {
        if (!update.getGroupIds().isEmpty()) {
            incomplete.add(update);
            completeUpdates();
        }
    }

    /** Steps in order, at most so many as a chart can show. */
    List<RunSnapshot.Step> steps() {
        int size = steps.size();
        int width = (size + MOST_POINTS - 1) / MOST_POINTS;
        if (width <= 1) {
            return List.copyOf(steps);
        }
        return IntStream.range(0, (size + width - 1) / width)
                .mapToObj(bucket -> mean(steps.subList(bucket * width, Math.min(size, (bucket + 1) * width))))
                .toList();
    }

    /** The newest step. */
    RunSnapshot.@Nullable Step last() {
        return steps.isEmpty() ? null : steps.get(steps.size() - 1);
    }

    /**
     * A learner takes its groups in the order of the log, so once an update's groups are all there, those of the updates
     * before it are as complete as they will ever be (a poisoned one is missing for good).
     */
    private void completeUpdates() {
        for (int newest = incomplete.size() - 1; newest >= 0; newest--) {
            if (waiting.keySet().containsAll(incomplete.get(newest).getGroupIds())) {
                List<PolicyUpdate> complete = incomplete.subList(0, newest + 1);
                complete.forEach(update -> steps.add(step(update)));
                complete.clear();
                return;
            }
        }
    }

    private RunSnapshot.Step step(PolicyUpdate update) {
        Mean accuracy = Mean.NONE;
        Mean format = Mean.NONE;
        Mean guideline = Mean.NONE;
        long staleness = 0;
        for (String id : update.getGroupIds()) {
            GroupFigures group = waiting.remove(id);
            if (group == null) {
                continue;
            }
            accuracy = accuracy.plus(group.accuracy());
            format = format.plus(group.format());
            guideline = guideline.plus(group.guideline());
            staleness = Math.max(staleness, update.getVersion() - 1 - group.oldestVersion());
        }
        return new RunSnapshot.Step(
                update.getVersion(), accuracy.value(), format.value(), guideline.value(), (double) staleness);
    }

    private static RunSnapshot.Step mean(List<RunSnapshot.Step> bucket) {
        return new RunSnapshot.Step(
                Objects.requireNonNull(mean(bucket, RunSnapshot.Step::version)),
                mean(bucket, RunSnapshot.Step::accuracy),
                mean(bucket, RunSnapshot.Step::format),
                mean(bucket, RunSnapshot.Step::guideline),
                mean(bucket, RunSnapshot.Step::staleness));
    }

    private static @Nullable Double mean(
            List<RunSnapshot.Step> bucket, Function<RunSnapshot.Step, @Nullable Double> component) {
        Mean mean = Mean.NONE;
        for (RunSnapshot.Step step : bucket) {
            mean = mean.plus(component.apply(step));
        }
        return mean.value();
    }
}
