package ai.consilium.merger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import ai.consilium.testing.RunRecords;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PolicyHistoryTest {
    @Test
    void givenExpertsOverDifferentBasesThenTheyAreNotMerged() {
        assertThatCode(() -> history(null, null).requireOneBase()).doesNotThrowAnyException();
        assertThatCode(() -> history("one", "one").requireOneBase()).doesNotThrowAnyException();
        assertThatThrownBy(() -> history("one", "two").requireOneBase())
                .hasMessageContainingAll("different bases", "SHA-256 one=[pediatrics]", "SHA-256 two=[adult_medicine]");
        assertThatThrownBy(() -> history("one", null).requireOneBase())
                .hasMessageContainingAll("the model itself=[adult_medicine]", "unified version 7 folded");
    }

    @Test
    void givenALogThatHasBeenReadAsFarAsTheRoundBeforeThenNothingIsMadeOfTheExpertsYet() {
        PolicyHistory history =
                new PolicyHistory(List.of("pediatrics", "adult_medicine"), ValidationPlan.NONE, Map.of(), 1);
        history.add(PolicyUpdate.newBuilder(RunRecords.update(Topics.UNIFIED, 4, 1, 1))
                .setKind(UpdateKind.DISTILLATION)
                .setFinalVersion(true)
                .build());
        history.add(PolicyUpdate.newBuilder(RunRecords.update("pediatrics", 7, 1, 1))
                .setRound(1)
                .build());

        assertThat(history.consolidated()).isEmpty();
        assertThat(history.merged()).isEmpty();
        assertThat(history.done()).isFalse();
    }

    /** Each over weights of this hash, or over the model itself. */
    private static PolicyHistory history(@Nullable String pediatrics, @Nullable String adults) {
        PolicyHistory history =
                new PolicyHistory(List.of("pediatrics", "adult_medicine"), ValidationPlan.NONE, Map.of(), 0);
        history.add(over("pediatrics", pediatrics));
        history.add(over("adult_medicine", adults));
        return history;
    }

    private static PolicyUpdate over(String specialty, @Nullable String weights) {
        PolicyUpdate.Builder update =
                PolicyUpdate.newBuilder(RunRecords.update(specialty, 3, 1, 1)).setFinalVersion(true);
        if (weights != null) {
            update.setFoldedAgent(new FoldedAgent(7L, "agent", 1L, 1, weights, "whole"));
        }
        return update.build();
    }
}
