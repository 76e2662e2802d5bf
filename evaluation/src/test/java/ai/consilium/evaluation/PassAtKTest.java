package ai.consilium.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PassAtKTest {
    @Test
    void givenAFewSamplesThenItIsTheShareOfSubsetsOfSizeKWithARightOne() {
        for (int n = 1; n <= 8; n++) {
            for (int c = 0; c <= n; c++) {
                for (int k = 1; k <= n; k++) {
                    assertThat(PassAtK.of(n, c, k))
                            .as("n %d, c %d, k %d", n, c, k)
                            .isCloseTo(shareOfSubsets(n, c, k), within(1e-12));
                }
            }
        }
    }

    @Test
    void givenManySamplesThenNothingOverflows() {
        assertThat(PassAtK.of(1000, 1, 500)).isCloseTo(.5, within(1e-9));
        assertThat(PassAtK.of(1000, 0, 1000)).isZero();
        assertThat(PassAtK.of(1000, 501, 500)).isEqualTo(1);
    }

    @Test
    void givenANumberOfSamplesThenKsArePowersOfTwoAndTheNumberItself() {
        assertThat(PassAtK.ks(1)).containsExactly(1);
        assertThat(PassAtK.ks(8)).containsExactly(1, 2, 4, 8);
        assertThat(PassAtK.ks(10)).containsExactly(1, 2, 4, 8, 10);
    }

    @Test
    void givenMoreDrawnThanSampledThenItIsRefused() {
        assertThatThrownBy(() -> PassAtK.of(4, 2, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no pass@5 of 2 right among 4");
    }

    /** Counted: the first c of n samples are right. */
    private static double shareOfSubsets(int n, int c, int k) {
        int all = 0;
        int passed = 0;
        for (int subset = 0; subset < 1 << n; subset++) {
            if (Integer.bitCount(subset) == k) {
                all++;
                passed += (subset & ((1 << c) - 1)) == 0 ? 0 : 1;
            }
        }
        return (double) passed / all;
    }
}
