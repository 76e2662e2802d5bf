package ai.consilium.random;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fixed values: a run of an earlier version goes on with the same prompts, cases and noise. */
class RandomStreamsTest {
    @Test
    void givenSeedAndNameThenTheDerivedSeedFollows() {
        assertThat(RandomStreams.seed(1, "pediatrics-00001")).isEqualTo(3677908918547515536L);
        assertThat(RandomStreams.seed(-7, "neuro/epoch-3")).isEqualTo(-7345834547950819437L);
        assertThat(RandomStreams.seed(0, "")).isEqualTo(2303325988620907383L);
    }

    @Test
    void givenSeedAndNameThenTheStreamFollows() {
        Random cases = RandomStreams.of(1, "train/pediatrics/0");
        assertThat(cases.nextLong()).isEqualTo(-2303453484884642449L);
        assertThat(cases.nextInt(6)).isEqualTo(4);
        assertThat(cases.nextDouble()).isEqualTo(0.9472474904280649);

        Random items = RandomStreams.of(42, "pretraining/123456789012");
        assertThat(items.nextLong()).isEqualTo(2261923044974066691L);
        assertThat(items.nextInt(6)).isEqualTo(3);
        assertThat(items.nextDouble()).isEqualTo(0.06680329906780336);
    }
}
