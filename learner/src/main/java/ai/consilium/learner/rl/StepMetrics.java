package ai.consilium.learner.rl;

import ai.consilium.estimators.RewardComponent;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.platform.run.StepFigures;
import ai.consilium.schemas.Member;
import java.util.List;
import java.util.LongSummaryStatistics;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/** The metrics of a step, by names that users of verl and TRL find their way in. Pure. */
public final class StepMetrics {
    private static final int MOST_PERSPECTIVES = 12;

    /**
     * The metrics of a step on groups that were scored.
     *
     * @param batch groups of the step
     * @param trainer metrics of {@link ai.consilium.policy.training.Trainer#policyStep}
     */
    public static SortedMap<String, Double> ofScored(List<Usable> batch, Map<String, Double> trainer) {
        SortedMap<String, Double> metrics = of(batch, trainer);
        for (RewardComponent component : RewardComponent.values()) {
            mean(members(batch).flatMapToDouble(member -> part(member, component)))
                    .ifPresent(mean -> metrics.put("reward/" + component.label(), mean));
            mean(batch.stream().flatMapToDouble(usable -> constant(usable, component)))
                    .ifPresent(share -> metrics.put("frac_reward_zero_std/" + component.label(), share));
        }
        // A member's reward is the mean of what it was scored by: the estimator's weights are no learner's business.
        double[] rewards = members(batch)
                .flatMapToDouble(member -> mean(parts(member)).stream())
                .toArray();
        mean(DoubleStream.of(rewards)).ifPresent(mean -> metrics.put("reward/mean", mean));
        metrics.put("reward/std", deviation(rewards));
        metrics.put(
                "advantage/std",
                deviation(members(batch).mapToDouble(Member::getAdvantage).toArray()));
        return metrics;
    }

    /**
     * The metrics of a step that need no score.
     *
     * @param batch groups of the step
     * @param trainer metrics of the trainer
     */
    public static SortedMap<String, Double> of(List<Usable> batch, Map<String, Double> trainer) {
        SortedMap<String, Double> metrics = new TreeMap<>(trainer);
        staleness(batch, metrics);
        perspectives(batch, metrics);
        lengths(batch, metrics);
        metrics.put("groups", (double) batch.size());
        return metrics;
    }

    /**
     * How a step went by the clock.
     *
     * @param metrics get them
     * @param learningRate of the step
     * @param seconds that the step took, without waiting
     * @param waitSeconds that the learner waited for its groups
     */
    public static void timed(
            SortedMap<String, Double> metrics, double learningRate, double seconds, double waitSeconds) {
        metrics.put("lr", learningRate);
        metrics.put("step_seconds", seconds);
        metrics.put("wait_for_batch_seconds", waitSeconds);
        metrics.put("tokens_per_second", metrics.getOrDefault("tokens", 0.0) / Math.max(seconds, 1e-9));
    }

    private static void staleness(List<Usable> batch, SortedMap<String, Double> metrics) {
        summary(
                "staleness",
                batch.stream().mapToLong(usable -> usable.staleness().total()),
                metrics);
        summary(
                "staleness/in_flight",
                batch.stream().mapToLong(usable -> usable.staleness().inFlight()),
                metrics);
        summary(
                "staleness/in_queue",
                batch.stream().mapToLong(usable -> usable.staleness().inQueue()),
                metrics);
        batch.forEach(usable ->
                metrics.merge(StepFigures.staleGroups(usable.staleness().total()), 1.0, Double::sum));
    }

    /** A case file may name any perspective: more than people tell apart are not told. */
    private static void perspectives(List<Usable> batch, SortedMap<String, Double> metrics) {
        members(batch)
                .map(Member::getPerspective)
                .distinct()
                .limit(MOST_PERSPECTIVES)
                .forEach(perspective -> mean(members(batch)
                                .filter(member -> member.getPerspective().equals(perspective))
                                .flatMapToDouble(member -> part(member, RewardComponent.ACCURACY)))
                        .ifPresent(mean -> metrics.put(StepFigures.accuracy(perspective), mean)));
    }

    private static void summary(String name, LongStream values, SortedMap<String, Double> metrics) {
        LongSummaryStatistics all = values.summaryStatistics();
        metrics.put(name + "/mean", all.getAverage());
        metrics.put(name + "/max", (double) Math.max(0, all.getMax()));
    }

    private static void lengths(List<Usable> batch, SortedMap<String, Double> metrics) {
        LongSummaryStatistics lengths =
                members(batch).mapToLong(member -> member.getTokens().size()).summaryStatistics();
        if (lengths.getCount() > 0) {
            metrics.put("response_length/mean", lengths.getAverage());
            metrics.put("response_length/min", (double) lengths.getMin());
            metrics.put("response_length/max", (double) lengths.getMax());
        }
        metrics.put(
                "response_length/clip_ratio",
                members(batch)
                        .mapToInt(member -> member.getTruncated() ? 1 : 0)
                        .average()
                        .orElse(0));
    }

    private static Stream<Member> members(List<Usable> batch) {
        return batch.stream().flatMap(usable -> usable.record().getMembers().stream());
    }

    /** What a member was scored by; empty where it is unscored. */
    static DoubleStream parts(Member member) {
        return Stream.of(RewardComponent.values()).flatMapToDouble(component -> part(member, component));
    }

    private static DoubleStream part(Member member, RewardComponent component) {
        Double value = member.getParts().get(component.label());
        return value == null ? DoubleStream.empty() : DoubleStream.of(value);
    }

    /** 1 where every scored member of a group has the same part, 0 where not; nothing where none is scored. */
    private static DoubleStream constant(Usable usable, RewardComponent component) {
        double[] values = usable.record().getMembers().stream()
                .flatMapToDouble(member -> part(member, component))
                .distinct()
                .toArray();
        return values.length == 0 ? DoubleStream.empty() : DoubleStream.of(values.length == 1 ? 1 : 0);
    }

    private static OptionalDouble mean(DoubleStream values) {
        return values.average();
    }

    private static double deviation(double[] values) {
        if (values.length < 2) {
            return 0;
        }
        double mean = DoubleStream.of(values).average().orElse(0);
        double squares = DoubleStream.of(values)
                .map(value -> (value - mean) * (value - mean))
                .sum();
        return Math.sqrt(squares / (values.length - 1));
    }

    private StepMetrics() {}
}
