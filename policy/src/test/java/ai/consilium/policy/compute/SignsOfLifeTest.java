package ai.consilium.policy.compute;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class SignsOfLifeTest {
    private static final long START = System.nanoTime();

    private final SignsOfLife signs = new SignsOfLife();

    private boolean seen(long results, long effortMs, long atMs) {
        return signs.seen(
                results,
                Duration.ofMillis(effortMs),
                START + Duration.ofMillis(atMs).toNanos());
    }

    @Test
    void givenAnOperationThatTakesProcessorTimeThenItIsAliveAndOneThatTakesNoneIsNot() {
        assertThat(seen(1, 0, 1_000)).as("a result").isTrue();
        assertThat(seen(1, 900, 2_000)).as("at work").isTrue();
        assertThat(seen(1, 900, 3_000)).as("nothing at all").isFalse();
        assertThat(seen(1, 949, 4_000)).as("what any thread takes by itself").isFalse();
        assertThat(seen(1, 950, 5_000)).as("little, on a busy machine").isTrue();
        assertThat(seen(2, 950, 6_000)).as("another result").isTrue();
    }

    @Test
    void givenNoResultForTooLongThenWorkAloneIsNoSignOfLife() {
        long longest = SignsOfLife.LONGEST.toMillis();
        assertThat(seen(1, 0, 0)).isTrue();
        assertThat(seen(1, 1_000, longest - 1)).isTrue();
        assertThat(seen(1, 2_000, longest)).isFalse();
        assertThat(seen(2, 3_000, longest + 1_000)).isTrue();
        assertThat(seen(2, 4_000, longest + 2_000)).isTrue();
    }
}
