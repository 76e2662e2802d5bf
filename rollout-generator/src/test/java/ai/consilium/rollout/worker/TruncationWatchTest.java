package ai.consilium.rollout.worker;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TruncationWatchTest {
    private final TruncationWatch watch = new TruncationWatch();

    @Test
    void givenMostCompletionsAreCutThenItIsSaidOnceAfterABatch() {
        for (int group = 0; group < 7; group++) {
            assertThat(watch.add(10, 9)).isEmpty();
        }
        assertThat(watch.add(10, 9)).hasValue(0.9);
        for (int group = 0; group < 40; group++) {
            assertThat(watch.add(10, 10)).isEmpty();
        }
    }

    @Test
    void givenItWasBetterInBetweenThenItIsSaidAgain() {
        assertThat(watch.add(80, 80)).hasValue(1);
        assertThat(watch.add(80, 8)).isEmpty();
        assertThat(watch.add(80, 60)).hasValue(0.75);
    }
}
