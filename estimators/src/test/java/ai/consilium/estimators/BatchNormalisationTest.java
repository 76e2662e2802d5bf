package ai.consilium.estimators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class BatchNormalisationTest {
    @Test
    void givenSumsWhenNormalisedThenAdvantagesAreDistancesFromTheMeanInDeviations() {
        BatchNormalisation batch = BatchNormalisation.of(new double[] {1, 2, 3});

        assertThat(batch).isEqualTo(new BatchNormalisation(2, 1));
        assertThat(batch.advantage(3)).isCloseTo(1 / 1.0001, within(1e-15));
        assertThat(batch.advantage(2)).isZero();
    }

    @Test
    void givenSumsWithoutSpreadWhenNormalisedThenThereIsNoAdvantage() {
        assertThat(BatchNormalisation.of(new double[] {0.3, 0.3, 0.3}).advantage(0.3))
                .isZero();
        assertThat(BatchNormalisation.of(new double[] {0.7}).advantage(0.7)).isZero();
    }

    @Test
    void givenNoSumsThenTheirStatisticsAreZero() {
        assertThat(BatchNormalisation.of(new double[0])).isEqualTo(new BatchNormalisation(0, 0));
    }
}
