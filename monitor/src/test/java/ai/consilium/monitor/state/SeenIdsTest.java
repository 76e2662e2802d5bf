package ai.consilium.monitor.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SeenIdsTest {
    @Test
    void givenManyIdsThenEachIsNewOnce() {
        SeenIds ids = new SeenIds();
        for (int i = 0; i < 200_000; i++) {
            assertThat(ids.add("pediatrics-" + i)).isTrue();
        }
        for (int i = 0; i < 200_000; i += 1_000) {
            assertThat(ids.add("pediatrics-" + i)).isFalse();
            assertThat(ids.contains("pediatrics-" + i)).isTrue();
            assertThat(ids.contains("oncology-" + i)).isFalse();
        }
        assertThat(ids.size()).isEqualTo(200_000);
    }
}
