package ai.consilium.cli.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.cases.grading.Grading;
import ai.consilium.cli.report.EvaluationResults.Extraction;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class EvaluationTableTest {
    private static int different;

    @Test
    void givenTwoRowsWhenPrintedThenExtractionsStandTogetherTheHeadlineFirstAndTheSecondIsComparedWithTheFirst() {
        EvaluationResults results = results(
                Map.of("eye", List.of(tally(1, 0, 0), tally(1, 1, 0), tally(1, 0, 1), tally(1, 0, 0))),
                Map.of("eye", List.of(tally(1, 1, 0), tally(1, 1, 0), tally(1, 1, 0), tally(1, 1, 0))));

        assertThat(EvaluationTable.render(results, "Accuracy")).isEqualTo("""
                        Accuracy

                                        eye                  overall
                        base   lenient   50.0 [15.0, 85.0]    50.0 [15.0, 85.0]
                        base   strict    25.0 [4.6, 69.9]     25.0 [4.6, 69.9]
                        base   compat    25.0 [4.6, 69.9]     25.0 [4.6, 69.9]
                        mine   lenient  100.0 [51.0, 100.0]  100.0 [51.0, 100.0]
                        mine   strict   100.0 [51.0, 100.0]  100.0 [51.0, 100.0]
                        mine   compat   100.0 [51.0, 100.0]  100.0 [51.0, 100.0]
                        cases           n = 4                n = 4

                        completions  unparsed, lenient  unparsed, strict  unparsed, compat  truncated  tokens
                        base         0.0 %              25.0 %            0.0 %             0.0 %      10.0
                        mine         0.0 %              0.0 %             0.0 %             0.0 %      10.0

                        mine against base, overall, lenient: +50.0 points [+0.0, +100.0] (paired bootstrap over cases)
                        mine against base, overall, strict: +75.0 points [+25.0, +100.0] (paired bootstrap over cases)
                        mine against base, overall, compat: +75.0 points [+25.0, +100.0] (paired bootstrap over cases)
                        """);
    }

    @Test
    void givenSeveralSamplesThenPassAtKGrowsAndTheIntervalIsThatOfTheCases() {
        EvaluationResults results = results(
                Map.of("eye", List.of(tally(4, 2, 0), tally(4, 0, 4))),
                Map.of("eye", List.of(tally(4, 1, 0), tally(4, 1, 0))));

        Extraction base = Objects.requireNonNull(
                        Objects.requireNonNull(results.rows().get("base")).get("overall"))
                .strict();
        assertThat(base.accuracy()).isEqualTo(.25);
        assertThat(base.unparsed()).isEqualTo(.5);
        assertThat(base.passAtK().keySet()).containsExactly(1, 2, 4);
        assertThat(Objects.requireNonNull(base.passAtK().get(1)).estimate()).isCloseTo(.25, within(1e-12));
        assertThat(Objects.requireNonNull(base.passAtK().get(2)).estimate()).isCloseTo((1 - 1. / 6) / 2, within(1e-12));
        assertThat(Objects.requireNonNull(base.passAtK().get(4)).estimate()).isEqualTo(.5);
        assertThat(base.high() - base.low()).isGreaterThan(.6);
        assertThat(EvaluationTable.render(results, "Accuracy"))
                .contains("pass@k, overall", "k = 4", "mine against base, overall, strict: +0.0 points [-25.0, +25.0]");
    }

    @Test
    void givenTheSameAnswersInAllCasesThenAPolicyThatAlwaysGivesTheMostFrequentOneIsSeenThrough() {
        EvaluationResults results = results(
                Map.of(
                        "lung",
                        List.of(answer("yes", "yes"), answer("yes", "yes"), answer("yes", "yes"), answer("no", "yes"))),
                Map.of(
                        "lung",
                        List.of(answer("yes", "yes"), answer("yes", "yes"), answer("yes", null), answer("no", "no"))));

        assertThat(EvaluationTable.render(results, "Accuracy"))
                .contains("""
                        answers               balanced accuracy    no       yes
                        right answers                              25.0 %   75.0 %
                        base, answered right   50.0 [50.0, 50.0]   0.0 %    100.0 %
                        base, given                                0.0 %    100.0 %
                        mine, answered right   83.3 [50.0, 100.0]  100.0 %  66.7 %
                        mine, given                                25.0 %   50.0 %
                        """)
                .contains("mine against base, overall, balanced accuracy, lenient: +33.3 points [");
    }

    private static CaseTally answer(String right, @Nullable String given) {
        CaseTally.Count count = new CaseTally.Count(
                right.equals(given) ? 1 : 0, given == null ? 1 : 0, given == null ? Map.of() : Map.of(given, 1));
        return new CaseTally(Set.of("yes", "no"), right, 1, count, count, count, 0, 10);
    }

    private static EvaluationResults results(Map<String, List<CaseTally>> base, Map<String, List<CaseTally>> mine) {
        Map<String, Map<String, List<CaseTally>>> tallies = new LinkedHashMap<>();
        tallies.put("base", base);
        tallies.put("mine", mine);
        return EvaluationResults.of(Map.of(), Grading.Mode.LENIENT, false, tallies, null);
    }

    private static CaseTally tally(int samples, int correct, int unparsed) {
        return new CaseTally(
                Set.of("only here " + different++),
                "right",
                samples,
                new CaseTally.Count(correct, unparsed, Map.of()),
                new CaseTally.Count(correct + unparsed, 0, Map.of()),
                new CaseTally.Count(correct, 0, Map.of()),
                0,
                10L * samples);
    }
}
