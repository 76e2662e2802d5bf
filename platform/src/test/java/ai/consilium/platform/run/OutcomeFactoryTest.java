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
        assertThat(outcomes.trained("g", "pediatrics", 3, 17)).isEqualTo(expected(Outcome.TRAINED, "trained on", 3));
    }

    @Test
    void givenAnotherGroupThenItsOutcomeSaysWhy() {
        assertThat(outcomes.untrained("g", "pediatrics", Outcome.STALE, "too old", 17))
                .isEqualTo(expected(Outcome.STALE, "too old", -1));
    }

    @Test
    void givenAFilteredGroupThenItsPassRateIsThereWhereThereIsOne() {
        assertThat(outcomes.filtered("g", "pediatrics", "flat", 1.0, 17).getPassRate())
                .isEqualTo(1);
        assertThat(outcomes.filtered("g", "pediatrics", "flat", null, 17))
                .isEqualTo(expected(Outcome.FILTERED, "flat", -1));
    }

    private static GroupOutcome expected(Outcome outcome, String reason, long version) {
        return GroupOutcome.newBuilder()
                .setGroupId("g")
                .setSpecialty("pediatrics")
                .setOutcome(outcome)
                .setReason(reason)
                .setPolicyVersion(version)
                .setWriter("learner/a")
                .setCreatedMs(17)
                .build();
    }

    @Test
    void givenNoVersionThenAGroupIsNotTrained() {
        assertThatThrownBy(() -> outcomes.untrained("g", "pediatrics", Outcome.TRAINED, "trained on", 17))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("group g");
    }
}
