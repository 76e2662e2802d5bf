package ai.consilium.estimators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What holds for every group, whichever estimator; jqwik prints the seed of a failure. */
class EstimatorProperties {
    private static final Weights WEIGHTS = new Weights(1, 0.2, 0.5);

    @Property(tries = 300)
    void givenAPermutedGroupThenItsAdvantagesArePermuted(
            @ForAll("estimators") Estimator estimator,
            @ForAll("groups") List<Observation> group,
            @ForAll Random random) {
        List<Integer> order = new ArrayList<>();
        for (int i = 0; i < group.size(); i++) {
            order.add(i);
        }
        Collections.shuffle(order, random);

        Estimate straight = estimator.estimate(group);
        Estimate permuted = estimator.estimate(order.stream().map(group::get).toList());

        assertThat(permuted.signal()).isEqualTo(straight.signal());
        for (int i = 0; i < order.size(); i++) {
            assertThat(permuted.members().get(i).advantage())
                    .isCloseTo(straight.members().get(order.get(i)).advantage(), within(1e-9));
        }
    }

    @Property(tries = 300)
    void givenACompleteGroupWhenNoCapActsThenItsAdvantagesSumToZero(@ForAll("completeGroups") List<Observation> group) {
        for (Estimator estimator : allWith(gbas(Double.MAX_VALUE), WEIGHTS)) {
            assertThat(estimator.estimate(group).residual()).isCloseTo(0, within(1e-9));
        }
    }

    @Property(tries = 300)
    void givenAnyGuidelinesThenTheyNeverOverruleAccuracy(
            @ForAll("gbas") Gba gba, @ForAll("groups") List<Observation> group) {
        for (Estimate.Member member : gba.estimate(group).members()) {
            double accuracy = member.parts().getOrDefault("z_a", 0.0) * WEIGHTS.accuracy();
            double guideline = member.parts().getOrDefault("guideline_term", 0.0);
            if (accuracy != 0 && Math.signum(accuracy) != Math.signum(guideline)) {
                assertThat(Math.abs(guideline)).isLessThanOrEqualTo(0.5 * Math.abs(accuracy));
            }
        }
    }

    @Property(tries = 300)
    void givenAllWrongWithConstantFormatThenAdvantagesAreExactlyZero(
            @ForAll("completeGroups") List<Observation> group) {
        List<Observation> wrong = group.stream()
                .map(o -> new Observation(o.perspective(), 0, 1, o.guideline()))
                .toList();

        Weights verifiable = new Weights(1, 0.2, 0);
        for (Estimator estimator : allWith(gbas(0.5), verifiable)) {
            Estimate estimate = estimator.estimate(wrong);
            assertThat(estimate.members()).allMatch(m -> m.advantage() == 0);
            assertThat(estimate.signal().any()).isFalse();
        }
    }

    @Property(tries = 300)
    void givenAnUnscoredGuidelineThenItStaysUnobservedAndTheSampleKeepsWhatAccuracySays(
            @ForAll("estimators") Estimator estimator, @ForAll("completeGroups") List<Observation> group) {
        List<Observation> lacking = new ArrayList<>(group);
        Observation first = group.get(0);
        lacking.set(0, new Observation(first.perspective(), first.accuracy(), first.format(), Double.NaN));

        Estimate.Member member = estimator.estimate(lacking).members().get(0);

        assertThat(member.parts())
                .doesNotContainKeys("guideline", "z_g", "guideline_term")
                .containsKeys("accuracy", "z_a");
        double scale = estimator instanceof Gba ? WEIGHTS.norm() : 1;
        double accuracy = (estimator instanceof Gba ? WEIGHTS.accuracy() : 1)
                * member.parts().getOrDefault("z_a", Double.NaN);
        double format = (estimator instanceof Gba ? WEIGHTS.format() : 1)
                * member.parts().getOrDefault("z_f", Double.NaN);
        assertThat(member.advantage()).isCloseTo((accuracy + format) / scale, within(1e-12));
    }

    @Property(tries = 300)
    void givenAnyGroupThenThereIsSignalExactlyWhereAComponentVaries(
            @ForAll("estimators") Estimator estimator, @ForAll("groups") List<Observation> group) {
        RewardSignal signal = estimator.estimate(group).signal();

        assertThat(signal.accuracy()).isEqualTo(varies(group, Observation::accuracy));
        assertThat(signal.format()).isEqualTo(varies(group, Observation::format));
        assertThat(signal.any()).isEqualTo(signal.accuracy() || signal.format() || signal.guideline());
        if (!(estimator instanceof Gba)) { // which looks within perspectives, and only at right answers
            assertThat(signal.guideline()).isEqualTo(varies(group, Observation::guideline));
        }
    }

    private static boolean varies(List<Observation> group, ToDoubleFunction<Observation> component) {
        double[] scores = group.stream()
                .mapToDouble(component)
                .filter(score -> !Double.isNaN(score))
                .toArray();
        return scores.length >= 2 && DoubleStream.of(scores).anyMatch(score -> score != scores[0]);
    }

    @Property(tries = 300)
    void givenAnyGroupThenAdvantagesAreFiniteAndTheSameBitsEveryTime(
            @ForAll("estimators") Estimator estimator, @ForAll("groups") List<Observation> group) {
        Estimate first = estimator.estimate(group);

        assertThat(first.members()).allMatch(m -> Double.isFinite(m.advantage()));
        assertThat(estimator.estimate(List.copyOf(group))).isEqualTo(first);
    }

    @Provide
    Arbitrary<Estimator> estimators() {
        return Arbitraries.of(allWith(gbas(0.5), WEIGHTS));
    }

    @Provide
    Arbitrary<Gba> gbas() {
        return Arbitraries.of(gbas(0.5));
    }

    /** All forms in which a wrong answer's guideline score teaches nothing. */
    private static List<Gba> gbas(double gamma) {
        return Stream.of(GuidelineGate.SCORE, GuidelineGate.RIGHT)
                .flatMap(gate ->
                        Stream.of(true, false).map(stratified -> new Gba(WEIGHTS, gamma, gate, stratified, true)))
                .toList();
    }

    private static List<Estimator> allWith(List<Gba> gbas, Weights weights) {
        List<Estimator> all = new ArrayList<>(gbas);
        all.addAll(List.of(new Grpo(weights), new DrGrpo(weights), new Rloo(weights), new Gdpo(weights)));
        return all;
    }

    @Provide
    Arbitrary<List<Observation>> groups() {
        return groupsOf(0.2);
    }

    @Provide
    Arbitrary<List<Observation>> completeGroups() {
        return groupsOf(0);
    }

    private static Arbitrary<List<Observation>> groupsOf(double unscored) {
        Arbitrary<String> perspective = Arbitraries.of("differential", "intuitive", "analytical", "bayesian");
        Arbitrary<Double> verdict = Arbitraries.of(0.0, 1.0);
        Arbitrary<Double> score = Arbitraries.doubles().between(0, 1).ofScale(3);
        return Combinators.combine(
                        perspective,
                        verdict.injectNull(unscored),
                        verdict.injectNull(unscored),
                        score.injectNull(unscored))
                .as((p, a, f, s) -> new Observation(p, orNaN(a), orNaN(f), orNaN(s)))
                .list()
                .ofMinSize(1)
                .ofMaxSize(16);
    }

    private static double orNaN(@org.jspecify.annotations.Nullable Double value) {
        return value == null ? Double.NaN : value;
    }
}
