package ai.consilium.cli.eval;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EvaluationProgressTest {
    @Test
    void givenAResumedEvaluationThenRateAndTimeLeftAreThoseOfThisStart() {
        assertThat(EvaluationProgress.render(600, 300, 0, 0, 2)).isEqualTo("00:02 eval | 300/600 cases");
        assertThat(EvaluationProgress.render(600, 300, 100, 4000, 20))
                .isEqualTo("00:20 eval | 400/600 cases | 200 tokens/s | 00:40 left");
    }
}
