package ai.consilium.random;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Fixed values: a run of an earlier version goes on with the same initial weights, traces and noise. */
class SplitMix64Test {
    @Test
    void givenNamesThenTheSeedFollowsFromEveryCharacter() {
        assertThat(SplitMix64.seed(1, "lora")).isEqualTo(-1714196426222703086L);
        assertThat(SplitMix64.seed(1, "replay", "pediatrics")).isEqualTo(5150912612986901124L);
        assertThat(SplitMix64.seed(-9, "traces", "ä€")).isEqualTo(-4964507168900879956L);
        assertThat(SplitMix64.seed(5)).isEqualTo(5);
        assertThat(SplitMix64.seed(5, "")).isEqualTo(7134611160154358618L);
    }

    @Test
    void givenSeedSampleAndPositionThenTheNoiseFollows() {
        assertThat(SplitMix64.uniform(1, 0, 0)).isEqualTo(0.6935121f);
        assertThat(SplitMix64.uniform(1, 1, 0)).isEqualTo(0.8323609f);
        assertThat(SplitMix64.uniform(1, 0, 1)).isEqualTo(0.4232114f);
        assertThat(SplitMix64.uniform(-3407840250L, 7, 191)).isEqualTo(5.8496E-4f);
        assertThat(SplitMix64.uniform(Long.MAX_VALUE, 31, 1024)).isEqualTo(0.689145f);
    }
}
