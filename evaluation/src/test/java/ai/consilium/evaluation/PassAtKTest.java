package ai.consilium.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PassAtKTest {
    @Test
    void givenSmallNumbers_whenEstimated_thenItIsTheShareOfSubsetsWithARightOne() {
        assertThat(PassAtK.estimate(4, 1, 1)).isCloseTo(1 / 4.0, within(1e-12));
        // C(4,2) = 6 pairs, C(3,2) = 3 of them all wrong.
        assertThat(PassAtK.estimate(4, 1, 2)).isCloseTo(.5, within(1e-12));
        assertThat(PassAtK.estimate(10, 0, 5)).isZero();
        assertThat(PassAtK.estimate(10, 6, 5)).isEqualTo(1);
    }

    @Test
    void givenMoreTriesThanSamples_whenEstimated_thenItIsRefused() {
        assertThatThrownBy(() -> PassAtK.estimate(4, 1, 5)).hasMessage("no pass@5 of 1 right among 4");
    }
}
