package ai.consilium.learner.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.policy.training.PolicyParts;
import ai.consilium.schemas.PartShare;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

class GradientRecordsTest {
    /** Together more than two records hold. */
    private static final int[] LENGTHS = {400_000, 3, 200_000};

    private static PartGradient gradient(long seed) {
        Random random = new Random(seed);
        List<float[]> values = Arrays.stream(LENGTHS)
                .mapToObj(length -> {
                    float[] some = new float[length];
                    for (int i = 0; i < length; i++) {
                        some[i] = (float) random.nextGaussian();
                    }
                    return some;
                })
                .toList();
        double[] sums = random.doubles(PolicyParts.SUMS).toArray();
        return new PartGradient(random.nextDouble(), sums, values);
    }

    private static Optional<PartGradient> all(GradientRecords.Assembly assembly, List<PartShare> pieces) {
        Optional<PartGradient> last = Optional.empty();
        for (PartShare piece : pieces) {
            assertThat(last).isEmpty();
            last = assembly.add(piece);
        }
        return last;
    }

    private static void assertSame(PartGradient found, PartGradient expected) {
        assertThat(found.loss()).isEqualTo(expected.loss());
        assertThat(found.sums()).containsExactly(expected.sums());
        assertThat(found.gradients()).hasSameSizeAs(expected.gradients());
        for (int i = 0; i < LENGTHS.length; i++) {
            // Not element by element: there are half a million.
            assertThat(Arrays.equals(
                            found.gradients().get(i), expected.gradients().get(i)))
                    .isTrue();
        }
    }

    @Test
    void givenPartsThatComeOneAfterTheOtherThenEachIsWhatWasSentToTheBit() {
        GradientRecords.Assembly assembly = new GradientRecords.Assembly(LENGTHS);
        for (int part = 0; part < 3; part++) {
            List<PartShare> pieces = GradientRecords.pieces(part, gradient(part));
            assertThat(pieces).hasSize(3);
            assertThat(assembly.add(GradientRecords.begun(part))).isEmpty();

            assertSame(all(assembly, pieces).orElseThrow(), gradient(part));
        }
    }

    @Test
    void givenASenderThatWasStartedAgainInTheMiddleOfAPartThenTheNextWholeOneCounts() {
        GradientRecords.Assembly assembly = new GradientRecords.Assembly(LENGTHS);
        List<PartShare> pieces = GradientRecords.pieces(1, gradient(1));
        assembly.add(pieces.get(0));

        assertSame(all(assembly, GradientRecords.pieces(2, gradient(2))).orElseThrow(), gradient(2));
        assertThat(assembly.add(pieces.get(2)))
                .as("a piece without those before")
                .isEmpty();
    }

    @Test
    void givenAnotherAdaptersGradientOrDamagedBytesThenTheyAreRefused() {
        List<PartShare> pieces = GradientRecords.pieces(0, gradient(1));
        GradientRecords.Assembly smaller = new GradientRecords.Assembly(new int[] {400_000, 3});
        smaller.add(pieces.get(0));
        smaller.add(pieces.get(1));
        assertThatThrownBy(() -> smaller.add(pieces.get(2)))
                .hasMessage("it has 2400012 bytes, the adapter's gradient 1600012");

        GradientRecords.Assembly assembly = new GradientRecords.Assembly(LENGTHS);
        assembly.add(pieces.get(0));
        assembly.add(pieces.get(1));
        ByteBuffer damaged = ByteBuffer.allocate(pieces.get(2).getData().remaining());
        PartShare last = PartShare.newBuilder(pieces.get(2)).setData(damaged).build();
        assertThatThrownBy(() -> assembly.add(last)).hasMessageContaining("do not have the SHA-256");

        PartGradient without = new PartGradient(1, new double[0], gradient(1).gradients());
        assertThatThrownBy(() -> all(new GradientRecords.Assembly(LENGTHS), GradientRecords.pieces(0, without)))
                .hasMessage("it has 0 figures, a part's are " + PolicyParts.SUMS);
    }
}
