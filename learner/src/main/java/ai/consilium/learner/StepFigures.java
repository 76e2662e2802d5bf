package ai.consilium.learner;

import ai.consilium.learner.GroupJudge.Verdict.Usable;
import ai.consilium.schemas.Member;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;

/** The figures of a reinforcement step, by names that users of verl and TRL find their way in. Pure. */
final class StepFigures {
    /** Parts of a member that are raw scores. */
    static final List<String> COMPONENTS = List.of("accuracy", "format", "guideline");

    /**
     * Puts the figures of a step together.
     *
     * @param batch groups of the step
     * @param trainer figures of {@link ai.consilium.policy.Trainer#policyStep}
     * @param learningRate of the step
     * @param seconds that the step took, without waiting
     * @param waitSeconds that the learner waited for its groups
     */
    static SortedMap<String, Double> of(
            List<Usable> batch, Map<String, Double> trainer, double learningRate, double seconds, double waitSeconds) {
        SortedMap<String, Double> figures = new TreeMap<>(trainer);
        for (String component : COMPONENTS) {
            mean(members(batch).flatMapToDouble(member -> part(member, component)))
                    .ifPresent(mean -> figures.put("reward/" + component, mean));
        }
        // A member's reward is the mean of what it was scored by: the estimator's weights are no learner's business.
        mean(members(batch)
                        .flatMapToDouble(member ->
                                mean(COMPONENTS.stream().flatMapToDouble(c -> part(member, c))).stream()))
                .ifPresent(mean -> figures.put("reward/mean", mean));
        figures.put(
                "advantage/std",
                deviation(members(batch).mapToDouble(Member::getAdvantage).toArray()));
        figures.put(
                "staleness/mean",
                batch.stream().mapToLong(Usable::staleness).average().orElse(0));
        figures.put("staleness/max", (double)
                batch.stream().mapToLong(Usable::staleness).max().orElse(0));
        figures.put(
                "response_length/mean",
                members(batch)
                        .mapToInt(member -> member.getTokens().size())
                        .average()
                        .orElse(0));
        figures.put(
                "response_length/clip_ratio",
                members(batch)
                        .mapToInt(member -> member.getTruncated() ? 1 : 0)
                        .average()
                        .orElse(0));
        figures.put("lr", learningRate);
        figures.put("groups", (double) batch.size());
        figures.put("step_seconds", seconds);
        figures.put("wait_seconds", waitSeconds);
        return figures;
    }

    private static Stream<Member> members(List<Usable> batch) {
        return batch.stream().flatMap(usable -> usable.record().getMembers().stream());
    }

    /** A part of the score; none where the member is unscored. */
    private static DoubleStream part(Member member, String name) {
        Double value = member.getParts().get(name);
        return value == null ? DoubleStream.empty() : DoubleStream.of(value);
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

    private StepFigures() {}
}
