package ai.consilium.policy.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScopeTest {
    private static final int MILLION = 1 << 20;

    /** Less than a piece, a piece, and several of which the last is shorter. */
    @ParameterizedTest
    @ValueSource(ints = {1, MILLION, 2 * MILLION + 3})
    void givenValuesOfAnyNumberThenTheirTensorHasThemInTheirOrder(int count) {
        float[] floats = new float[count];
        double[] doubles = new double[count];
        Random random = new Random(count);
        for (int i = 0; i < count; i++) {
            doubles[i] = random.nextDouble();
            floats[i] = (float) doubles[i];
        }
        try (Scope scope = Scope.open()) {
            assertThat(scope.floats(floats, 1, count).floats()).isEqualTo(floats);
            Tensor tensor = scope.doubles(doubles, count, 1);
            assertThat(tensor.doubles()).isEqualTo(doubles);
            assertThat(tensor.shape()).containsExactly(count, 1);
            assertThat(scope.size()).isEqualTo(2);
        }
    }
}
