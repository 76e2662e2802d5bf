package ai.consilium.monitor.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.testing.TestSeed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BucketsTest {
    private final Buckets buckets = new Buckets();

    @Test
    void givenFewVersionsThenEachIsItself() {
        buckets.add(3, 0.5);
        buckets.add(0, 1);
        buckets.add(3, 0.7);
        buckets.add(4, Double.NaN);

        ChartData.Line line = buckets.line();

        assertThat(line.x()).containsExactly(0, 3);
        assertThat(line.mean()).containsExactly(1f, 0.6f);
        assertThat(line.min()).isNull();
    }

    @Test
    void givenManyVersionsInAnyOrderThenNoPeakIsLostAndTheMeanIsThatOfAll() {
        // given a curve with one peak and one dip
        List<Long> versions = new ArrayList<>();
        for (long version = 0; version < 10_000; version++) {
            versions.add(version);
        }
        Collections.shuffle(versions, new Random(TestSeed.of(BucketsTest.class)));

        // when
        for (long version : versions) {
            buckets.add(version, version == 7_777 ? 100 : version == 1_234 ? -100 : version % 2);
        }

        // then
        ChartData.Line line = buckets.line();
        float[] min = Objects.requireNonNull(line.min());
        float[] max = Objects.requireNonNull(line.max());
        assertThat(line.x()).hasSizeBetween(Buckets.MOST / 2, Buckets.MOST);
        assertThat(line.x()).isSorted();
        assertThat(line.width()).isEqualTo(32);
        assertThat(max[7_777 / 32]).isEqualTo(100);
        assertThat(min[1_234 / 32]).isEqualTo(-100);
        assertThat(min[0]).isZero();
        assertThat(max[0]).isEqualTo(1);
        assertThat(line.mean()[0]).isEqualTo(0.5f, within(1e-6f));
    }
}
