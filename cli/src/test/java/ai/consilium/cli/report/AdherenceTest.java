package ai.consilium.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cli.report.Adherence.Scores;
import ai.consilium.evaluation.Interval;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AdherenceTest {
    /** Case c is answered right under one perspective only, case d by one policy only. */
    private static final Scores GBA = scores(Map.of("a", 1.0, "b", 0.5, "d", 0.0), Map.of("a", 0.5, "c", 0.5));

    private static final Scores GRPO = scores(Map.of("a", 0.5, "b", 0.0), Map.of("a", 0.5, "c", 0.0));

    @Test
    void givenRightAnswersThenPerspectivesOfACaseCountAsOneAndDifferencesAreOfWhatBothAnsweredRight() {
        Adherence adherence = Adherence.of(List.of("own"), policies(GBA, GRPO));

        Adherence.Policy gba = Objects.requireNonNull(adherence.policies().get("gba"));
        assertThat(cell(gba, "analytical").cases()).isEqualTo(3);
        assertThat(score(gba, "analytical").estimate()).isCloseTo(0.5, within(1e-12));
        assertThat(cell(gba, "overall").cases()).isEqualTo(4);
        assertThat(score(gba, "overall").estimate()).isCloseTo((0.75 + 0.5 + 0.5 + 0) / 4, within(1e-12));
        assertThat(gba.difference()).isNull();

        Adherence.Policy grpo = Objects.requireNonNull(adherence.policies().get("grpo"));
        // a: -0.5 and 0, b: -0.5, c: -0.5; d was not answered right by both.
        assertThat(Objects.requireNonNull(grpo.difference()).estimate())
                .isCloseTo((-0.25 - 0.5 - 0.5) / 3, within(1e-12));
    }

    @Test
    void givenSeveralSeedsThenTheyArePooled() {
        Map<String, SortedMap<Long, Scores>> policies = policies(GBA, GRPO);
        Objects.requireNonNull(policies.get("gba")).put(2L, scores(Map.of("a", 0.0), Map.of()));

        Adherence adherence = Adherence.of(List.of("own"), policies);

        Adherence.Policy gba = Objects.requireNonNull(adherence.policies().get("gba"));
        assertThat(cell(gba, "analytical").cases()).isEqualTo(4);
        assertThat(score(gba, "analytical").low())
                .isLessThan(score(gba, "analytical").high());
    }

    @Test
    void givenNoRightAnswerThenThereIsNoScore() {
        Adherence adherence =
                Adherence.of(List.of("own"), policies(scores(Map.of(), Map.of()), scores(Map.of("a", 1.0), Map.of())));

        assertThat(cell(Objects.requireNonNull(adherence.policies().get("gba")), "overall"))
                .isEqualTo(new Adherence.Cell(0, null));
        assertThat(AdherenceTable.render(adherence)).isEqualTo("""
                        Adherence of right answers in %, scored by own [95 % interval] (cases)

                              analytical                bayesian  overall                   against gba, points
                        gba   -                         -         -
                        grpo  100.0 [100.0, 100.0] (1)  -         100.0 [100.0, 100.0] (1)
                        """);
    }

    private static Map<String, SortedMap<Long, Scores>> policies(Scores gba, Scores grpo) {
        Map<String, SortedMap<Long, Scores>> policies = new LinkedHashMap<>();
        policies.put("gba", new TreeMap<>(Map.of(1L, gba)));
        policies.put("grpo", new TreeMap<>(Map.of(1L, grpo)));
        return policies;
    }

    private static Scores scores(Map<String, Double> analytical, Map<String, Double> bayesian) {
        Map<String, SortedMap<String, Double>> scores = new LinkedHashMap<>();
        scores.put("analytical", new TreeMap<>(analytical));
        scores.put("bayesian", new TreeMap<>(bayesian));
        return new Scores(scores);
    }

    private static Adherence.Cell cell(Adherence.Policy policy, String column) {
        return Objects.requireNonNull(policy.cells().get(column));
    }

    private static Interval score(Adherence.Policy policy, String column) {
        return Objects.requireNonNull(cell(policy, column).score());
    }
}
