package ai.consilium.cli.rescore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class RankCorrelationTest {
    @Test
    void givenTheSameOrderThenItIsOneAndTheOtherWayRoundMinusOne() {
        double[] values = {0.1, -3, 7, 2};

        assertThat(RankCorrelation.spearman(values, new double[] {1, 0, 1e9, 2}))
                .isEqualTo(1);
        assertThat(RankCorrelation.spearman(values, new double[] {-1, 5, -8, -2}))
                .isEqualTo(-1);
    }

    /** Pearson's correlation of the ranks 1, 2.5, 2.5, 4, 5 and 2, 1, 4.5, 4.5, 3. */
    @Test
    void givenTiesThenTheyShareTheMeanOfTheirRanks() {
        assertThat(RankCorrelation.spearman(new double[] {1, 2, 2, 3, 5}, new double[] {2, 1, 4, 4, 3}))
                .isCloseTo(3.75 / 9.5, within(1e-12));
    }

    @Test
    void givenNothingToRankThenItIsNotANumber() {
        assertThat(RankCorrelation.spearman(new double[] {}, new double[] {})).isNaN();
        assertThat(RankCorrelation.spearman(new double[] {1}, new double[] {2})).isNaN();
        assertThat(RankCorrelation.spearman(new double[] {0, 0}, new double[] {1, 2}))
                .isNaN();
    }
}
