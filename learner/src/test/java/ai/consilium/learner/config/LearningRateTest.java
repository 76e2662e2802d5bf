package ai.consilium.learner.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.learner.config.LearningRate.Schedule;
import org.junit.jupiter.api.Test;

class LearningRateTest {
    @Test
    void givenWarmUpStepsThenTheRateRisesAndFallsToTheFinalShare() {
        assertThat(LearningRate.at(8, 1, 12, 4, 0.25)).isEqualTo(2);
        assertThat(LearningRate.at(8, 4, 12, 4, 0.25)).isEqualTo(8);
        assertThat(LearningRate.at(8, 8, 12, 4, 0.25)).isCloseTo(5, within(1e-12));
        assertThat(LearningRate.at(8, 12, 12, 4, 0.25)).isCloseTo(2, within(1e-12));
    }

    @Test
    void givenOtherSchedulesThenTheyDifferInHowTheyFall() {
        assertThat(Schedule.named("constant").at(8, 12, 12, 4, 0.25)).isEqualTo(8);
        assertThat(Schedule.named("cosine").at(8, 4, 12, 4, 0.25)).isEqualTo(8);
        assertThat(Schedule.named("cosine").at(8, 6, 12, 4, 0.25))
                .isCloseTo(2 + 6 * (1 + Math.sqrt(0.5)) / 2, within(1e-12));
        assertThat(Schedule.named("cosine").at(8, 12, 12, 4, 0.25)).isCloseTo(2, within(1e-12));
    }

    @Test
    void givenNoWarmUpThenTheFirstStepHasThePeak() {
        assertThat(LearningRate.at(8, 1, 10, 0, 0)).isEqualTo(8);
        assertThat(LearningRate.at(8, 1, 1, 0, 0)).isEqualTo(8);
        assertThat(LearningRate.at(8, 10, 10, 0, 0.25)).isCloseTo(2, within(1e-12));
    }
}
