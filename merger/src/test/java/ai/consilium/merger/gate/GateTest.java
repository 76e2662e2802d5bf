package ai.consilium.merger.gate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class GateTest {
    private static final Marks STANDING = MarksOf.accuracy(Map.of("pediatrics", .8, "adult_medicine", .4));

    @Test
    void givenALowerMeanThenTheToleranceDecides() {
        Marks candidate = MarksOf.accuracy(Map.of("pediatrics", .79, "adult_medicine", .4));

        assertThat(Gate.judge(candidate, STANDING, 0).admitted()).isFalse();
        assertThat(Gate.judge(candidate, STANDING, .02).admitted()).isTrue();
        assertThat(Gate.judge(STANDING, STANDING, 0).admitted()).isTrue();
    }

    @Test
    void givenABetterMeanThatOneSpecialtyPaysForThenItIsRefusedAndNamed() {
        Marks candidate = MarksOf.accuracy(Map.of("pediatrics", .6, "adult_medicine", .9));

        Gate.Verdict verdict = Gate.judge(candidate, STANDING, .02);

        assertThat(verdict.meanHolds()).isTrue();
        assertThat(verdict.lost()).containsExactly("pediatrics");
        assertThat(verdict.admitted()).isFalse();
    }

    @Test
    void givenALossThatFewCasesCannotShowThenItIsNoLoss() {
        Marks standing = new Marks(Map.of("pediatrics", MarksOf.verdicts(20, .8)));
        Marks candidate = new Marks(Map.of("pediatrics", MarksOf.verdicts(20, .75)));

        assertThat(Gate.judge(candidate, standing, .06).admitted()).isTrue();
        assertThat(candidate.ahead(standing, "pediatrics").high()).isEqualTo(0);
    }
}
