package ai.consilium.learner.rl;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.config.Precision;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EngineMismatchTest {
    private static boolean warns(Precision precision, double largest) {
        return new EngineMismatch("pediatrics", precision).look(3, Map.of("on_policy/mean_dlogp", largest));
    }

    @Test
    void givenADifferenceThatRoundingExplainsThenNobodyIsWarned() {
        assertThat(warns(Precision.FP32, 1e-5)).isFalse();
        assertThat(warns(Precision.FP32, 1e-2)).isTrue();
        assertThat(warns(Precision.BF16, 6e-3)).isFalse();
        assertThat(warns(Precision.BF16, 1)).isTrue();
    }

    @Test
    void givenNoTokenOnPolicyThenNobodyIsWarned() {
        assertThat(new EngineMismatch("pediatrics", Precision.FP32).look(3, Map.of("max_dlogp", 2.0)))
                .isFalse();
    }

    @Test
    void givenADifferenceThatStaysThenItIsSaidOnce() {
        EngineMismatch mismatch = new EngineMismatch("pediatrics", Precision.FP32);

        assertThat(mismatch.look(3, Map.of("on_policy/mean_dlogp", 1.0))).isTrue();
        assertThat(mismatch.look(4, Map.of("on_policy/mean_dlogp", 2.0))).isFalse();
    }
}
