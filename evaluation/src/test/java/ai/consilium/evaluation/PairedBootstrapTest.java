package ai.consilium.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.evaluation.Evaluator.Verdict;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PairedBootstrapTest {
    private final PairedBootstrap bootstrap = new PairedBootstrap(4000, 7);

    @Test
    void givenIndependentPairsWhenComparedThenTheIntervalIsTheNormalOne() {
        // 30 of 400 pairs better, 10 worse: mean .05, standard error sqrt((.1 - .05²) / 400) = .0156.
        List<Verdict> treatment = verdicts("c", 400, i -> i < 30 || i >= 40);
        List<Verdict> control = verdicts("c", 400, i -> i >= 30);

        Interval difference = bootstrap.compareOne(treatment, control);

        assertThat(difference.estimate()).isCloseTo(.05, within(1e-12));
        assertThat(difference.low()).isCloseTo(.05 - 1.96 * .0156, within(.004));
        assertThat(difference.high()).isCloseTo(.05 + 1.96 * .0156, within(.004));
        assertThat(difference.aboveZero()).isTrue();
    }

    @Test
    void givenTheSameInputWhenComparedTwiceThenTheIntervalIsTheSame() {
        List<Verdict> treatment = verdicts("c", 50, i -> i % 2 == 0);
        List<Verdict> control = verdicts("c", 50, i -> i % 3 == 0);

        assertThat(bootstrap.compareOne(treatment, control)).isEqualTo(bootstrap.compareOne(treatment, control));
    }

    @Test
    void givenSeedsThatDisagreeWhenComparedThenTheIntervalKnowsIt() {
        List<Verdict> right = verdicts("c", 200, i -> true);
        List<Verdict> wrong = verdicts("c", 200, i -> false);
        List<Verdict> mixed = verdicts("c", 200, i -> i % 2 == 0);

        Interval oneSeed = bootstrap.compareOne(right, mixed);
        Interval seeds = bootstrap.compare(List.of(right, wrong, right), List.of(mixed, mixed, mixed));

        assertThat(oneSeed.aboveZero()).isTrue();
        assertThat(seeds.aboveZero()).isFalse();
        assertThat(seeds.high() - seeds.low()).isGreaterThan(oneSeed.high() - oneSeed.low());
    }

    @Test
    void givenTheSameCasesInEverySeedWhenComparedThenSeedsDoNotMakeThemMore() {
        List<Verdict> treatment = verdicts("c", 100, i -> i < 60);
        List<Verdict> control = verdicts("c", 100, i -> i < 50);
        Interval same = bootstrap.compare(List.of(treatment, treatment), List.of(control, control));
        Interval different = bootstrap.compare(
                List.of(treatment, verdicts("d", 100, i -> i < 60)), List.of(control, verdicts("d", 100, i -> i < 50)));

        assertThat(same.high() - same.low()).isGreaterThan(1.2 * (different.high() - different.low()));
    }

    @Test
    void givenStrataOfDifferentSizeThenEachCountsTheSameAndTheSmallOneMakesTheIntervalWide() {
        double[] frequent = IntStream.range(0, 400).mapToDouble(i -> i % 2).toArray();
        double[] seldom =
                IntStream.range(0, 25).mapToDouble(i -> i % 5 == 0 ? 1 : 0).toArray();

        Interval mean = bootstrap.meanOfMeans(List.of(frequent, seldom));

        // Standard error: sqrt(.25 / 400 + .16 / 25) / 2 = .042.
        assertThat(mean.estimate()).isCloseTo(.35, within(1e-12));
        assertThat(mean.low()).isCloseTo(.35 - 1.96 * .042, within(.015));
        assertThat(mean.high()).isCloseTo(.35 + 1.96 * .042, within(.015));
        assertThatThrownBy(() -> bootstrap.meanOfMeans(List.of(frequent, new double[0])))
                .hasMessage("there is no mean without figures");
    }

    @Test
    void givenSharesOfRightSamplesWhenComparedThenHitsAndMissesAreAnInstanceOfThem() {
        double[] treatment =
                IntStream.range(0, 50).mapToDouble(i -> i % 2 == 0 ? 1 : 0).toArray();
        double[] control =
                IntStream.range(0, 50).mapToDouble(i -> i % 3 == 0 ? 1 : 0).toArray();

        assertThat(bootstrap.compareMeans(treatment, control))
                .isEqualTo(
                        bootstrap.compareOne(verdicts("c", 50, i -> i % 2 == 0), verdicts("c", 50, i -> i % 3 == 0)));
        assertThat(bootstrap
                        .compareMeans(new double[] {.75, .5}, new double[] {.25, .5})
                        .estimate())
                .isEqualTo(.25);
        assertThatThrownBy(() -> bootstrap.compareMeans(treatment, new double[49]))
                .hasMessage("50 cases cannot be paired with 49 cases");
    }

    @Test
    void givenOtherCasesOnOneSideWhenComparedThenItIsRefused() {
        assertThatThrownBy(() -> bootstrap.compareOne(verdicts("c", 3, i -> true), verdicts("d", 3, i -> true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("seed number 0 does not judge the same cases on both sides");
    }

    private static List<Verdict> verdicts(String prefix, int n, IntPredicate correct) {
        return IntStream.range(0, n)
                .mapToObj(i -> new Verdict(prefix + i, correct.test(i)))
                .toList();
    }
}
