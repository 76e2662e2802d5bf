package ai.consilium.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class IntervalTest {
    @Test
    void givenPublishedExamplesWhenWilsonThenTheIntervalAgrees() {
        // Newcombe (Statistics in Medicine 1998; 17:857), table I, method 3: score without continuity correction.
        assertWilson(81, 263, .2553, .3662);
        assertWilson(15, 148, .0624, .1605);
        assertWilson(0, 20, 0, .1611);
        assertWilson(1, 29, .0061, .1718);
    }

    @Test
    void givenNothingCountedWhenWilsonThenItIsRefused() {
        assertThatThrownBy(() -> Interval.wilson(0, 0)).hasMessage("no proportion: 0 of 0");
        assertThatThrownBy(() -> Interval.wilson(3, 2)).hasMessage("no proportion: 3 of 2");
    }

    @Test
    void givenAMeanOfSharesWhenWilsonThenItIsAsWideAsForHitsWithThatMean() {
        assertThat(Interval.wilsonOfMean(.25, 8)).isEqualTo(Interval.wilson(2, 8));
        assertThatThrownBy(() -> Interval.wilsonOfMean(1.1, 8)).hasMessage("no mean of shares: 1.1 over 8");
    }

    private static void assertWilson(int correct, int n, double low, double high) {
        Interval interval = Interval.wilson(correct, n);
        assertThat(interval.estimate()).isEqualTo((double) correct / n);
        assertThat(interval.low()).isCloseTo(low, within(5e-5));
        assertThat(interval.high()).isCloseTo(high, within(5e-5));
    }
}
