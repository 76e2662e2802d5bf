package ai.consilium.policy.layerwise;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.RandomModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class SampleSliceTest {
    @Test
    void givenSamplesInSlicesOfAnySizeThenEachTokenIsWhereItWas() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int trial = 0; trial < 50; trial++) {
            PackedBatch.Rows samples = samples(random);
            long[] at = LongStream.range(0, (long) samples.count() * samples.width())
                    .filter(place -> samples.valid()[(int) place] == 1 && random.nextInt(3) > 0)
                    .toArray();
            int area = 1 + random.nextInt(5 * samples.width());
            List<SampleSlice> slices = SampleSlice.of(samples, at, wide -> area / wide);

            assertThat(slices)
                    .as("seed %d", seed)
                    .allSatisfy(slice -> assertThat(slice.rows().count() == 1
                                    || slice.rows().count() * slice.rows().width() <= area)
                            .isTrue());
            assertThat(slices.stream().flatMapToLong(slice -> tokens(slice.rows(), slice.at())))
                    .as("seed %d", seed)
                    .containsExactlyElementsOf(tokens(samples, at).boxed().toList());
            assertThat(slices.stream().mapToInt(slice -> slice.rows().count()).sum())
                    .as("seed %d", seed)
                    .isEqualTo(samples.count());
        }
    }

    private static LongStream tokens(PackedBatch.Rows rows, long[] at) {
        return LongStream.of(at).map(place -> rows.tokens()[(int) place]);
    }

    /** Tokens are all different, so that each says where it stands. */
    private static PackedBatch.Rows samples(Random random) {
        int token = 10;
        List<int[]> additions = new ArrayList<>();
        int count = 1 + random.nextInt(6);
        for (int i = 0; i < count; i++) {
            int[] addition = new int[random.nextInt(9)];
            for (int j = 0; j < addition.length; j++) {
                addition[j] = token++;
            }
            additions.add(addition);
        }
        EncodedPrompt prompt = new EncodedPrompt(new int[] {7, 8, 9}, List.of());
        return PackedBatch.of(RandomModel.small(), List.of(new PackedBatch.Group(prompt, additions)), false)
                .samples();
    }
}
