package ai.consilium.policy.input;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.config.QwenConfig;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Windows of every size lie together, and go back to where they were. */
class VisionGridTest {
    private static final int MERGED = 4;
    /** Windows of 4 x 4 patches, which the merger joins 2 x 2. */
    private static final QwenConfig.Vision VISION = new QwenConfig.Vision(1, 32, 40, 2, 4, 2, 2, 16, List.of());

    @ParameterizedTest
    @CsvSource({"4, 4", "6, 4", "6, 10", "12, 8", "14, 18", "2, 2"})
    void givenAGridThenEachWindowLiesTogetherAndMergedPatchesStayTogether(int rows, int columns) {
        VisionGrid.Windows windows = new VisionGrid(1, rows, columns).windows(VISION);

        long[] order = windows.order();
        assertThat(LongStream.of(order).sorted().toArray())
                .isEqualTo(LongStream.range(0, (long) rows * columns).toArray());
        for (int i = 0; i < order.length; i += MERGED) {
            assertThat(order[i] % MERGED).isZero();
            assertThat(Arrays.copyOfRange(order, i, i + MERGED))
                    .containsExactly(order[i], order[i] + 1, order[i] + 2, order[i] + 3);
        }
        int at = 0;
        Set<String> seen = new HashSet<>();
        for (int span = 0; span < windows.spans().length; span += 2) {
            for (long window = 0; window < windows.spans()[span]; window++) {
                Set<String> within = new HashSet<>();
                for (long patch = 0; patch < windows.spans()[span + 1]; patch++) {
                    MergeOrder.Place place = MergeOrder.place((int) order[at++], columns, 2);
                    within.add(place.row() / 4 + "," + place.column() / 4);
                }
                assertThat(within).as("windows that the patches are of").hasSize(1);
                assertThat(seen.addAll(within)).as("a window comes once").isTrue();
            }
        }
        assertThat(at).isEqualTo(order.length);
    }

    @ParameterizedTest
    @CsvSource({"6, 4", "6, 10", "14, 18"})
    void givenMergedPatchesInTheirWindowsThenTheyGoBackWhereTheyWere(int rows, int columns) {
        VisionGrid.Windows windows = new VisionGrid(1, rows, columns).windows(VISION);

        long[] back = windows.back(MERGED);

        for (int i = 0; i < back.length; i++) {
            assertThat(windows.order()[(int) back[i] * MERGED]).isEqualTo((long) i * MERGED);
        }
    }

    @Test
    void givenOneWindowThenNothingMoves() {
        assertThat(new VisionGrid(1, 4, 4).windows(VISION).inPlace()).isTrue();
        assertThat(new VisionGrid(1, 4, 8).windows(VISION).inPlace()).isFalse();
        assertThat(new VisionGrid(1, 4, 4).windows(VISION).spans()).containsExactly(1, 16);
    }
}
