package ai.consilium.reward.decision;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.reward.scorer.LocalScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import ai.consilium.schemas.Score;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PendingScoresTest {
    private final List<String> told = new ArrayList<>();
    private final PendingScores pending = new PendingScores(
            List.of(seat("needed", true, false), seat("optional", false, false), seat("shadow", false, true)),
            new PendingScores.Listener() {
                @Override
                public void decided(List<Score> scores) {
                    told.add("decided " + names(scores));
                }

                @Override
                public void late(Score score) {
                    told.add("late " + score.getScorer() + " " + score.getLate() + " " + score.getUnscoredReason());
                }
            });

    @Test
    void givenWhatIsNotNeededWhenTheRestIsThereThenItIsDecidedWithoutIt() {
        pending.asked();
        pending.put(1, score("optional"));
        assertThat(told).isEmpty();

        pending.put(0, score("needed"));
        pending.put(2, score("shadow"));

        assertThat(told).containsExactly("decided [needed, optional]", "late shadow true null");
        assertThat(pending.isWhole()).isTrue();
    }

    @Test
    void givenScoresAtOnceWhenNotAllWereAskedYetThenItIsNotDecided() {
        pending.put(0, score("needed"));
        assertThat(pending.isDecided()).isFalse();

        pending.put(2, score("shadow"));
        pending.asked();

        assertThat(told).containsExactly("decided [needed, shadow]");
    }

    @Test
    void givenAnAnswerTwiceWhenTakenThenTheFirstCounts() {
        pending.asked();
        pending.put(0, score("needed"));
        pending.put(0, score("needed"));
        pending.put(1, score("optional"));
        pending.put(1, score("optional"));

        assertThat(told).containsExactly("decided [needed]", "late optional true null");
    }

    @Test
    void givenWhatIsMissingWhenAbandonedThenADecidedTrajectoryNamesItAndAnotherStaysOpen() {
        pending.asked();
        pending.abandon("stopped");
        assertThat(told).isEmpty();

        pending.put(0, score("needed"));
        pending.abandon("stopped");
        pending.put(2, score("shadow"));

        assertThat(told).containsExactly("decided [needed]", "late optional true stopped", "late shadow true stopped");
    }

    @Test
    void givenNobodyWhoAppliesWhenAskedThenItIsDecidedWithNoScore() {
        List<List<Score>> decided = new ArrayList<>();
        new PendingScores(List.of(), new PendingScores.Listener() {
                    @Override
                    public void decided(List<Score> scores) {
                        decided.add(scores);
                    }

                    @Override
                    public void late(Score score) {
                        throw new AssertionError(score);
                    }
                })
                .asked();

        assertThat(decided).containsExactly(List.of());
    }

    private static List<String> names(List<Score> scores) {
        return scores.stream().map(Score::getScorer).toList();
    }

    private static Score score(String name) {
        return seat(name, true, false).begun().setValue(1.0).build();
    }

    private static Seat seat(String name, boolean required, boolean shadow) {
        Scorer scorer = new LocalScorer(
                new ScorerType.Identity(name, null, "v"),
                Component.GUIDELINE,
                submission -> new Verdict.Scored(1, List.of()));
        return new Seat(scorer, required, shadow, null);
    }
}
