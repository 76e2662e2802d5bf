package ai.consilium.reward.rubric;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.reward.ScoringExamples;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.reward.scorer.builtin.RubricScorer;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RubricDropoutTest {
    private static final Rubric RUBRIC = RubricFile.read("test", "shipped:analytical", Path.of(""));

    private static Verdict.Scored score(double rate, long groupSeed) {
        RubricScorer scorer =
                new RubricScorer(new ScorerType.Identity("a", null, "version"), RUBRIC, new RubricDropout(rate));
        ScoringRequest request = new ScoringRequest(
                "t",
                ScoringExamples.pneumonia(ScoringExamples.EVIDENCE),
                ScoringExamples.thinking("urea high film one"),
                "analytical",
                false,
                groupSeed,
                List::of);
        return (Verdict.Scored) scorer.score(request);
    }

    @Test
    void givenAGroupThenItsSamplesAndEveryReplayAreScoredByTheSameCriteria() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);

        assertThat(score(.5, seed)).isEqualTo(score(.5, seed));
        RubricDropout.Thinned thinned = new RubricDropout(.5).of(RUBRIC, seed, "version");
        assertThat(score(.5, seed).evidence()).last().isEqualTo(thinned.note());
        Verdict plain = thinned.rubric()
                .score(
                        ScoringExamples.pneumonia(ScoringExamples.EVIDENCE),
                        ScoringExamples.thinking("urea high film one"));
        assertThat(score(.5, seed).value()).isEqualTo(((Verdict.Scored) plain).value());
    }

    @Test
    void givenManyGroupsThenCriteriaAreLeftOutAtTheRateAndOneThatCountsAlwaysStays() {
        long seed = new Random().nextLong();
        System.out.println("seed " + seed);
        Random groups = new Random(seed);
        int kept = 0;
        Set<List<Criterion>> seen = new HashSet<>();
        for (int i = 0; i < 2000; i++) {
            RubricDropout.Thinned thinned = new RubricDropout(.25).of(RUBRIC, groups.nextLong(), "version");
            kept += thinned.rubric().criteria().size();
            seen.add(thinned.rubric().criteria());
            assertThat(new RubricDropout(.99)
                            .of(RUBRIC, groups.nextLong(), "version")
                            .rubric()
                            .criteria())
                    .anyMatch(criterion -> criterion.weight() > 0);
        }

        assertThat(kept / 2000. / RUBRIC.criteria().size()).isBetween(.7, .8);
        assertThat(seen).hasSizeGreaterThan(2);
    }

    @Test
    void givenARateThatLeavesOutNothingOrEverythingThenItIsRefused() {
        assertThatThrownBy(() -> new RubricDropout(1))
                .hasMessage("rubric_dropout: must be above 0 and below 1, not 1.0");
        assertThatThrownBy(() -> new RubricDropout(0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new RubricDropout(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }
}
