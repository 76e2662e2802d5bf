package ai.consilium.estimators;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EstimatorTest {
    private static final double U = Double.NaN;
    private static final Map<String, Double> DEFAULTS = Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5);
    private static final Estimator GBA = Estimator.named("gba", DEFAULTS);
    private static final Estimator GRPO = Estimator.named("grpo", DEFAULTS);

    @Test
    void givenTheGoldenGroupWhenGbaThenTheAdvantagesOfTheContract() {
        Estimate estimate = GBA.estimate(
                group(new double[] {1, 0, 1, 1, 0, 0, 1, 0}, new double[] {1, 1, 1, 1, 1, 0, 1, 1}, new double[] {
                    .8, .9, .2, .6, .5, .4, 1, .3
                }));

        assertAdvantages(estimate, 1.256824, -1.132345, 0.700096, 1.071248, -0.761193, -1.25911, 1.349613, -1.225133);
        assertThat(estimate.signal().any()).isTrue();
    }

    @Test
    void givenAllAnswersRightWhenGbaThenOnlyObservedSpreadWithinAPerspectiveCounts() {
        Estimate estimate = GBA.estimate(
                group(new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {
                    .8, .4, .2, .6, .5, .5, 1, U
                }));

        assertAdvantages(estimate, 0.381081, -0.381081, -0.381081, 0.381081, 0, 0, 0, 0);
        assertThat(estimate.members().get(6).parts()).containsEntry("z_g", 0.0);
        assertThat(estimate.members().get(7).parts()).doesNotContainKeys("guideline", "z_g", "guideline_term");
    }

    @Test
    void givenAllAnswersWrongWhenGbaThenNothingIsLearnedFromGuidelines() {
        Estimate estimate = GBA.estimate(
                group(new double[8], new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {1, 0, 1, 0, 1, 0, 1, 0}));

        assertThat(estimate.members()).extracting(Estimate.Member::advantage).containsOnly(0.0);
        assertThat(estimate.signal().any()).isFalse();
    }

    @Test
    void givenNoGateWhenGbaThenAWrongAnswersGuidelineScoreCounts() {
        Estimator ungated = Gba.of(Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5, "gate", 0.0));

        Estimate estimate = ungated.estimate(
                group(new double[8], new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {1, 0, 1, 0, 1, 0, 1, 0}));

        assertThat(estimate.members().get(0).advantage())
                .isPositive()
                .isEqualTo(-estimate.members().get(1).advantage());
    }

    @Test
    void givenRightAnswersAmongThemselvesWhenGbaThenTheTermSaysOnlyWhichOfThemReasonsBetter() {
        Estimator amongRight =
                Gba.of(Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5, "gate", 2.0, "stratified", 0.0));

        Estimate estimate = amongRight.estimate(
                group(new double[] {1, 0, 1, 0, 1, 1, 0, 1}, new double[] {1, 1, 1, 1, 1, 0, 1, 1}, new double[] {
                    .9, .9, .3, .1, .6, .2, U, U
                }));

        // Right in the right form and scored: .9, .3, .6, mean .6, deviation .3.
        double[] expected = {1, 0, -1, 0, 0, 0, U, U};
        for (int i = 0; i < expected.length; i++) {
            Double term = estimate.members().get(i).parts().get("z_g");
            if (Double.isNaN(expected[i])) {
                assertThat(term).isNull();
            } else {
                assertThat(term).isCloseTo(expected[i], within(1e-3));
            }
        }
        assertThat(estimate.members().get(2).advantage())
                .isPositive()
                .isLessThan(estimate.members().get(4).advantage());
    }

    @Test
    void givenAGuidelineThatMayNotStandAloneWhenAllAreRightThenNothingIsLearned() {
        Estimator tie = Gba.of(
                Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5, "gate", 2.0, "guideline_alone", 0.0));
        double[] form = {1, 1, 1, 1, 1, 1, 1, 1};
        double[] scores = {.8, .4, .2, .6, .5, .5, 1, U};

        Estimate allRight = tie.estimate(group(form, form, scores));
        assertThat(allRight.signal().any()).isFalse();
        assertThat(allRight.members())
                .allSatisfy(member -> assertThat(member.advantage()).isZero());

        Estimate mixed = tie.estimate(group(new double[] {1, 1, 1, 1, 0, 0, 1, 1}, form, scores));
        assertThat(mixed.members().get(0).advantage())
                .isGreaterThan(mixed.members().get(1).advantage());
    }

    @Test
    void givenAGateThatDoesNotExistWhenGbaThenItIsRefused() {
        assertThatThrownBy(() -> Gba.of(Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5, "gate", 3.0)))
                .hasMessage("parameter 'gate' of gba must be 0, 1 or 2, not 3.0");
    }

    @Test
    void givenOneStratumWhenGbaThenPerspectivesAreComparedWithEachOther() {
        Estimator whole = Gba.of(Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5, "gamma", 0.5, "stratified", 0.0));

        Estimate estimate = whole.estimate(
                group(new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {1, 1, 1, 1, 1, 1, 1, 1}, new double[] {
                    .9, .9, .1, .1, .9, .9, .1, .1
                }));

        assertThat(estimate.members().get(0).advantage()).isPositive();
        assertThat(estimate.members().get(2).advantage()).isNegative();
    }

    @Test
    void givenAnUnscoredWrongAnswerWhenGbaThenItKeepsItsAccuracyPartAndTheScoreStaysUnobserved() {
        Estimate estimate =
                GBA.estimate(group(new double[] {1, 0, 1, 0}, new double[] {1, 1, 1, 1}, new double[] {.5, U, .5, .5}));

        Estimate.Member unscored = estimate.members().get(1);
        assertThat(unscored.advantage()).isNegative();
        assertThat(unscored.parts()).containsKeys("accuracy", "z_a").doesNotContainKeys("guideline", "z_g");
    }

    @Test
    void givenUnscoredAccuracyWhenGbaThenItIsNeitherRightNorWrong() {
        Estimate estimate =
                GBA.estimate(group(new double[] {1, 0, U, 0}, new double[] {1, 1, 1, 1}, new double[] {U, U, 1, U}));

        assertThat(estimate.members().get(2).advantage()).isZero();
        assertThat(estimate.members().get(2).parts()).containsOnlyKeys("format", "guideline", "z_f");
    }

    @Test
    void givenThatAccuracyWeighsNothingWhenGbaThenAGuidelineThatDisagreesWithItSaysNothing() {
        Estimator guidelineOnly = Estimator.named("gba", Map.of("w_a", 0.0, "w_f", 0.0, "lambda", 0.5, "gamma", 0.5));

        Estimate estimate = guidelineOnly.estimate(
                group(new double[] {1, 1, 0, 0}, new double[] {1, 1, 1, 1}, new double[] {1, .2, .5, .5}));

        assertThat(estimate.members().get(0).advantage()).isPositive();
        assertThat(estimate.members().get(1).advantage()).isCloseTo(0, within(1e-12));
    }

    @Test
    void givenACompleteGroupWhenGrpoThenTheTextbookFormula() {
        // r = a + 0.2 f = 1.2, 0.2, 0, 1: mean 0.6, deviation sqrt(1.04 / 3) = 0.588784
        Estimate estimate = Estimator.named("grpo", Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.0))
                .estimate(group(new double[] {1, 0, 0, 1}, new double[] {1, 1, 0, 0}, new double[] {.3, .9, .1, .4}));

        double scale = 1 / (Math.sqrt(1.04 / 3) + 1e-4);
        assertAdvantages(estimate, 0.6 * scale, -0.4 * scale, -0.6 * scale, 0.4 * scale);
    }

    @Test
    void givenAnUnscoredGuidelineWhenGrpoThenItStandsAtTheMeanAndNotAtZero() {
        Estimate estimate =
                GRPO.estimate(group(new double[] {1, 1, 1, U}, new double[] {1, 1, 1, U}, new double[] {.8, .4, U, U}));

        assertThat(estimate.members().get(2).advantage()).isZero();
        assertThat(estimate.members().get(3).advantage()).isZero();
        assertThat(estimate.members().get(3).parts()).isEmpty();
    }

    @Test
    void givenComponentsThatCancelInTheSumWhenGrpoThenThereIsStillSignal() {
        Estimator even = Estimator.named("grpo", Map.of("w_a", 1.0, "w_f", 1.0, "lambda", 0.0));

        Estimate estimate = even.estimate(group(new double[] {1, 0}, new double[] {0, 1}, new double[] {U, U}));

        assertThat(estimate.members()).extracting(Estimate.Member::advantage).containsOnly(0.0);
        assertThat(estimate.signal().any()).isTrue();
    }

    @Test
    void givenOneObservationWhenAnyEstimatorThenZeroAndNeverTheRawReward() {
        for (Estimator estimator : List.of(GBA, GRPO)) {
            Estimate estimate = estimator.estimate(group(new double[] {1}, new double[] {1}, new double[] {.7}));

            assertThat(estimate.members().get(0).advantage()).isZero();
            assertThat(estimate.signal().any()).isFalse();
        }
    }

    @Test
    void givenAWrongConfigurationWhenNamedThenTheWordIsInTheMessage() {
        assertThatThrownBy(() -> Estimator.named("ppo", DEFAULTS)).hasMessageContaining("'ppo'");
        assertThatThrownBy(() -> Estimator.named("gba", Map.of("w_a", 1.0, "w_f", 0.2, "lambda", 0.5)))
                .hasMessageContaining("'gamma'");
        assertThatThrownBy(() -> Estimator.named("grpo", Map.of("w_a", U, "w_f", 0.2, "lambda", 0.5)))
                .hasMessageContaining("'w_a'");
    }

    private static void assertAdvantages(Estimate estimate, double... expected) {
        assertThat(estimate.members()).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(estimate.members().get(i).advantage()).as("member %d", i).isCloseTo(expected[i], within(1e-6));
        }
    }

    /** Perspectives D D I I A A B B, as far as they are needed. */
    private static List<Observation> group(double[] accuracy, double[] format, double[] guideline) {
        List<Observation> group = new ArrayList<>();
        for (int i = 0; i < accuracy.length; i++) {
            group.add(new Observation("DDIIAABB".substring(i, i + 1), accuracy[i], format[i], guideline[i]));
        }
        return group;
    }
}
