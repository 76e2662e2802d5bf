package ai.consilium.advantage.group;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.estimators.Observation;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.ScorerRef;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ScoringConfig;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class GroupScoringRuleTest {
    private static final Set<Component> ALL = EnumSet.allOf(Component.class);

    @Test
    void givenAScorerThatIsNotRequiredWhenItsScoreIsThereThenItCountsInNoAdvantage() {
        ScoringConfig config = new ScoringConfig(
                "hash",
                "gba",
                Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5),
                List.of(scorer("accuracy", Component.ACCURACY, true), scorer("tone", Component.GUIDELINE, false)),
                "{}");
        Scores scores = new Scores("t", "g", 0, "hash", List.of(score("accuracy", 1), score("tone", 0.5)), 1L);

        Observation observed = GroupScoringRule.of(config).observe("none", scores);

        assertThat(observed.accuracy()).isEqualTo(1);
        assertThat(observed.guideline()).isNaN();
    }

    private static ScorerRef scorer(String name, Component component, boolean required) {
        return ScorerRef.newBuilder()
                .setName(name)
                .setVersion("v1")
                .setComponent(component)
                .setRequired(required)
                .setShadow(false)
                .build();
    }

    private static Score score(String scorer, double value) {
        return Score.newBuilder()
                .setScorer(scorer)
                .setScorerVersion("v1")
                .setValue(value)
                .build();
    }

    @Test
    void givenAPerspectiveThatNoRequiredScorerScoresThenItsGroupStillWaitsForItsScores() {
        ScorerRef rubric = ScorerRef.newBuilder()
                .setName("analytical")
                .setVersion("v1")
                .setComponent(Component.GUIDELINE)
                .setPerspective("analytical")
                .setRequired(true)
                .setShadow(false)
                .build();
        GroupScoringRule plan = GroupScoringRule.of(new ScoringConfig(
                "hash", "gba", Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5), List.of(rubric), "{}"));

        assertThat(plan.satisfied("none", null, ALL)).isFalse();
        assertThat(plan.satisfied("none", new Scores("t", "g", 0, "hash", List.of(), 1L), ALL))
                .isTrue();
    }
}
