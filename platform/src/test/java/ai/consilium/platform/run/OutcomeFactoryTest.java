package ai.consilium.platform.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import org.junit.jupiter.api.Test;

class OutcomeFactoryTest {
    private final OutcomeFactory outcomes = new OutcomeFactory("learner/a");

    @Test
    void givenATrainedGroupThenItsOutcomeSaysSo() {
        assertThat(outcomes.trained("g", "pediatrics", 3, 17))
                .isEqualTo(
                        new GroupOutcome("g", "pediatrics", Outcome.TRAINED, "trained on", 3L, "learner/a", 17L, null));
    }

    @Test
    void givenAnotherGroupThenItsOutcomeSaysWhy() {
        assertThat(outcomes.untrained("g", "pediatrics", Outcome.STALE, "too old", 17))
                .isEqualTo(new GroupOutcome("g", "pediatrics", Outcome.STALE, "too old", -1L, "learner/a", 17L, null));
    }

    @Test
    void givenNoVersionThenAGroupIsNotTrained() {
        assertThatThrownBy(() -> outcomes.untrained("g", "pediatrics", Outcome.TRAINED, "trained on", 17))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("group g");
    }
}
