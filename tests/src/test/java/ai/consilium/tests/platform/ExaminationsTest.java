package ai.consilium.tests.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.cases.prompt.Perspective;
import ai.consilium.platform.examination.ExaminationFigures;
import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.testing.RunRecords;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ExaminationsTest {
    private static final OutcomeFactory OUTCOMES = new OutcomeFactory("test");
    private static final String CHILDREN = "pediatrics";

    private final Examinations examinations = new Examinations();

    private void answered(long version, int place, double right) {
        examinations.add(examined(version, place, right));
    }

    private static GroupOutcome examined(long version, int place, double right) {
        return OUTCOMES.examined(new ExaminedGroup(CHILDREN, version, place).id(), CHILDREN, version, right, 1);
    }

    @Test
    void givenAnswersOfSeveralVersionsThenTheBestIsTheMostAccurateAndOfEqualOnesTheLater() {
        answered(0, 0, 0);
        answered(0, 1, 1);
        answered(10, 0, 1);
        answered(10, 1, 1);
        answered(20, 0, 1);
        answered(20, 1, 1);
        answered(30, 0, 0);
        answered(30, 1, 0);

        assertThat(examinations.best(CHILDREN, 2, 0)).hasValue(20L);
        assertThat(examinations.of(CHILDREN, 0)).isEqualTo(new Examinations.Mark(2, 2, 0.5));
        assertThat(examinations.versions(CHILDREN)).containsOnlyKeys(0L, 10L, 20L, 30L);
        assertThat(examinations.best("adult_medicine", 2, 0)).isEmpty();
    }

    @Test
    void givenAVersionThatWasNotWhollyExaminedThenItIsNotTheBest() {
        answered(0, 0, 0);
        answered(0, 1, 1);
        answered(10, 0, 1);
        examinations.add(OUTCOMES.untrained(
                new ExaminedGroup(CHILDREN, 10, 1).id(), CHILDREN, Outcome.ABANDONED, "deadline", 1));

        assertThat(examinations.of(CHILDREN, 10)).isEqualTo(new Examinations.Mark(2, 1, 1.0));
        assertThat(examinations.best(CHILDREN, 2, 0)).hasValue(0L);
    }

    @Test
    void givenAnOutcomeTwiceOrOfATrainedGroupThenTheFirstCountsAndTheOtherIsNone() {
        assertThat(examinations.add(examined(0, 0, 1))).isTrue();
        assertThat(examinations.add(examined(0, 0, 0))).isFalse();
        assertThat(examinations.add(OUTCOMES.trained("pediatrics-7", CHILDREN, 1, 1)))
                .isFalse();

        assertThat(examinations.of(CHILDREN, 0).accuracy()).isEqualTo(1);
    }

    @Test
    void givenAnswersUnderPerspectivesThenTheyAreToldApartAndVersionsAreComparedWithoutThem() {
        answered(0, 0, 0);
        answered(10, 0, 0);
        examinations.add(OUTCOMES.examined("pediatrics@0-0-bayesian", CHILDREN, 0, 1.0, 1));
        examinations.add(OUTCOMES.examined("pediatrics@0-1-bayesian", CHILDREN, 0, 0.0, 1));
        examinations.add(OUTCOMES.untrained(
                new ExaminedGroup(CHILDREN, 10, 0, "bayesian").id(), CHILDREN, Outcome.ABANDONED, "deadline", 1));

        assertThat(ExaminedGroup.UNGUIDED).isEqualTo(Perspective.NONE);
        assertThat(examinations.perspectives(CHILDREN)).containsExactly("bayesian", "none");
        assertThat(examinations.versions(CHILDREN, "bayesian").get(0L)).isEqualTo(new Examinations.Mark(2, 2, 0.5));
        assertThat(examinations.of(CHILDREN, 0)).isEqualTo(new Examinations.Mark(1, 1, 0.0));
        assertThat(examinations.ended(CHILDREN, 0)).isEqualTo(3);
        assertThat(examinations.best(CHILDREN, 1, 0)).hasValue(10L);
        assertThat(ExaminationFigures.all(examinations.marks(CHILDREN, 0)))
                .isEqualTo(Map.of("val/accuracy", 0.0, "val/accuracy/bayesian", 0.5, "val/cases", 1.0));
        assertThat(ExaminationFigures.all(examinations.marks(CHILDREN, 10)))
                .isEqualTo(Map.of("val/accuracy", 0.0, "val/cases", 1.0));
    }

    @Test
    void givenPerspectivesTwiceOrTheOneThatIsAlwaysAskedThenTheyAreRefused() {
        for (List<String> wrong : List.of(List.of("bayesian", "bayesian"), List.of("none"))) {
            assertThatThrownBy(() -> new ValidationPlan(10, 4, wrong)).hasMessageContaining("perspectives must each");
        }
    }

    @Test
    void givenAnIntervalThenVersionZeroEachMultipleAndTheLastAreExaminedButNeverTheUnifiedAgent() {
        ValidationPlan plan = new ValidationPlan(10, 4, List.of());

        assertThat(plan.examines(update(CHILDREN, 0, false))).isTrue();
        assertThat(plan.examines(update(CHILDREN, 9, false))).isFalse();
        assertThat(plan.examines(update(CHILDREN, 20, false))).isTrue();
        assertThat(plan.examines(update(CHILDREN, 23, true))).isTrue();
        assertThat(plan.examines(update(Topics.UNIFIED, 20, true))).isFalse();
        assertThat(ValidationPlan.NONE.examines(update(CHILDREN, 0, true))).isFalse();
        assertThat(plan.casesOf(3)).isEqualTo(3);
        assertThat(plan.casesOf(60)).isEqualTo(4);
    }

    private static PolicyUpdate update(String policy, long version, boolean last) {
        return PolicyUpdate.newBuilder(RunRecords.update(policy, version, 1, 1))
                .setFinalVersion(last)
                .build();
    }
}
