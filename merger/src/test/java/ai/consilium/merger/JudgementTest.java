package ai.consilium.merger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.merger.Judgement.Standing;
import ai.consilium.merger.gate.Marks;
import ai.consilium.merger.gate.MarksOf;
import ai.consilium.merger.merge.Experts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JudgementTest {
    private static final Marks EXPERTS = MarksOf.accuracy(Map.of("pediatrics", .7, "adult_medicine", .7));
    private static final Marks STANDING = MarksOf.accuracy(Map.of("pediatrics", .6, "adult_medicine", .2));
    private static final Candidate MERGED = candidate("merged", .5, .5);
    private static final Candidate CONSOLIDATED = candidate("consolidated", .4, .7);

    private static Candidate candidate(String name, double pediatrics, double adults) {
        Marks marks = MarksOf.accuracy(Map.of("pediatrics", pediatrics, "adult_medicine", adults));
        return new Candidate(name, Experts.random(1, 2, 2), List.of(), marks, Map.of());
    }

    private static Judgement judge(Optional<Standing> standing) {
        return Judgement.of(List.of(MERGED, CONSOLIDATED), EXPERTS, standing, .01);
    }

    @Test
    void givenNothingThatStandsThenTheBestCandidateIsTheAgentAndItsLagIsTold() {
        Judgement judgement = judge(Optional.empty());

        assertThat(judgement.chosen()).isEqualTo(CONSOLIDATED);
        assertThat(judgement.admitted()).isTrue();
        assertThat(judgement.told(3))
                .startsWith("unified agent, version 3, published (consolidated): validation accuracy 0.550")
                .contains("in pediatrics behind its expert by 30.0 points")
                .doesNotContain("in adult_medicine");
    }

    @Test
    void givenAnAgentThatStandsThenASpecialtyThatIsLostRefusesABetterMean() {
        Judgement judgement = judge(Optional.of(new Standing(STANDING, true)));

        assertThat(judgement.admitted()).isFalse();
        assertThat(judgement.told(3))
                .startsWith("consolidated agent refused")
                .contains("the agent that stands has 0.400", "is worse than what stands in pediatrics");
    }

    @Test
    void givenTheExpertsStartThenTheMeanDecides() {
        Judgement judgement = judge(Optional.of(new Standing(STANDING, false)));

        assertThat(judgement.admitted()).isTrue();
        assertThat(judgement.told(3))
                .contains("the experts' start has 0.400", "is worse than what stands in pediatrics");
        assertThat(judgement.figures().get("val/previous_accuracy/mean")).isCloseTo(.4, within(1e-9));
    }

    @Test
    void givenTwoEqualCandidatesThenTheLaterIsTaken() {
        Candidate same = candidate("consolidated", .5, .5);

        assertThat(Judgement.of(List.of(MERGED, same), EXPERTS, Optional.empty(), 0)
                        .chosen())
                .isEqualTo(same);
    }
}
