package ai.consilium.policy.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RunLengthTest {
    private static long ms(long ms) {
        return Duration.ofMillis(ms).toNanos();
    }

    @Test
    void givenAFastModelThenManyTokensAreDecodedAtOnceButNotMoreThanAreLeft() {
        RunLength fast = RunLength.UNKNOWN.prefilled(ms(20)).after(8, ms(16));

        assertThat(fast.tokens(100)).isEqualTo(8);
        assertThat(fast.tokens(3)).isEqualTo(3);
        assertThat(RunLength.UNKNOWN.tokens(100)).isEqualTo(8);
    }

    @Test
    void givenASlowModelThenARunTakesSecondsAndAtLeastOneToken() {
        RunLength slow = RunLength.UNKNOWN.prefilled(ms(30_000));

        assertThat(slow.tokens(100)).isEqualTo(1);
        assertThat(slow.after(1, ms(2_000)).tokens(100)).isEqualTo(2);
        assertThat(slow.after(1, ms(60_000)).tokens(100)).isEqualTo(1);
        // What a token takes is known better than by prefilling.
        assertThat(slow.after(1, ms(2_000)).prefilled(ms(30_000)).tokens(100)).isEqualTo(2);
    }
}
