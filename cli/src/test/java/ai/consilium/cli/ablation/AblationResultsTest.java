package ai.consilium.cli.ablation;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.evaluation.Evaluator.Verdict;
import ai.consilium.evaluation.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AblationResultsTest {
    private static final AblationRow GBA = new AblationRow("gba", List.of());
    private static final AblationRow TIES = new AblationRow("merge_ties", List.of("merger.method=ties"));
    private static final AblationRow OPEN = new AblationRow("grpo", List.of("reward.adv_estimator=grpo"));

    @Test
    void givenTwoRowsOverSeedsThenMeansDifferencesAndTheirIntervalsFollow() {
        AblationResults results = AblationResults.of(List.of(GBA, TIES, OPEN), verdicts(), null);

        assertThat(results.rows()).extracting(AblationResults.Row::row).containsExactly("gba", "merge_ties");
        AblationResults.Row gba = results.rows().get(0);
        assertThat(gba.difference()).isNull();
        assertThat(cell(gba, "eye").interval().estimate()).isEqualTo(0.65);
        assertThat(cell(gba, "skin").interval().estimate()).isEqualTo(0.4);
        AblationResults.Cell overall = cell(gba, "overall");
        assertThat(overall.n()).isEqualTo(80);
        assertThat(overall.correct()).isEqualTo(42);
        assertThat(overall.interval().low()).isBetween(0.2, 0.525);
        assertThat(overall.interval().high()).isBetween(0.525, 0.8);

        AblationResults.Row ties = results.rows().get(1);
        assertThat(ties.measured()).isEqualTo("agent");
        assertThat(ties.seeds()).containsExactly(2L);
        Interval difference = Objects.requireNonNull(ties.difference());
        // Seed 2 alone, which both have: 14 + 8 against 10 + 8 of 40.
        assertThat(difference.estimate()).isEqualTo(-0.1);
        assertThat(difference.low()).isLessThan(-0.1);
    }

    @Test
    void givenResultsThenTableAndPictureShowEveryRow() {
        AblationResults results = AblationResults.of(List.of(GBA, TIES), verdicts(), null);

        assertThat(AblationTable.render(results).lines().toList())
                .anySatisfy(line -> assertThat(line).contains("seeds", "eye", "overall", "against gba, points"))
                .anySatisfy(
                        line -> assertThat(line).startsWith("gba").contains("experts", "65.0 [", "52.5 [", "1,000,000"))
                .anySatisfy(line -> assertThat(line).startsWith("merge_ties").contains("agent", "-10.0 ["));
        assertThat(AblationPicture.of(results))
                .startsWith("<svg")
                .endsWith("</svg>\n")
                .contains(
                        ">gba<",
                        ">merge_ties<",
                        ">45.0<",
                        ">-10.0 [",
                        ">against gba, points<",
                        "class=\"experts\"",
                        "class=\"agent\"")
                .doesNotContain("NaN");
        assertThat(AblationPicture.of(new AblationResults("gba", List.of(), null)))
                .doesNotContain("NaN");
    }

    @Test
    void givenVerdictsThenEachRowSeedAndSpecialtyHasItsLine(@TempDir Path dir) throws IOException {
        Path file = dir.resolve("ablation.jsonl");
        verdicts().writeLines(file);
        assertThat(Files.readAllLines(file))
                .hasSize(6)
                .contains("{\"row\":\"gba\",\"seed\":1,\"specialty\":\"eye\",\"n\":20,\"correct\":12}");
    }

    @Test
    void givenTimesOfWhatEndedThenProgressTellsWhatIsLeft() {
        Path log = Path.of("logs/gba-seed2.log");
        assertThat(AblationProgress.render(3, 12, "gba seed 2", 3725, OptionalDouble.of(600), log))
                .isEqualTo("62:05 ablate | 3 of 12, gba seed 2 | 10:00 left | logs/gba-seed2.log");
        assertThat(AblationProgress.render(1, 12, "gba seed 1", 2, OptionalDouble.empty(), log))
                .isEqualTo("00:02 ablate | 1 of 12, gba seed 1 | logs/gba-seed2.log");
    }

    private static AblationResults.Cell cell(AblationResults.Row row, String column) {
        return Objects.requireNonNull(row.accuracy().get(column));
    }

    private static AblationVerdicts verdicts() {
        Map<String, SortedMap<Long, Map<String, List<Verdict>>>> verdicts = new LinkedHashMap<>();
        verdicts.put("gba", new TreeMap<>(Map.of(1L, answers(12, 8), 2L, answers(14, 8))));
        verdicts.put("merge_ties", new TreeMap<>(Map.of(2L, answers(10, 8))));
        verdicts.put("grpo", new TreeMap<>());
        return new AblationVerdicts(
                List.of("eye", "skin"), verdicts, Map.of("gba", new TreeMap<>(Map.of(1L, 900_000L, 2L, 1_100_000L))));
    }

    /** Of 20 cases each. */
    private static Map<String, List<Verdict>> answers(int eye, int skin) {
        Map<String, List<Verdict>> answers = new LinkedHashMap<>();
        answers.put("eye", answers("eye", eye));
        answers.put("skin", answers("skin", skin));
        return answers;
    }

    private static List<Verdict> answers(String specialty, int correct) {
        return IntStream.range(0, 20)
                .mapToObj(i -> new Verdict(specialty + i, i < correct))
                .toList();
    }
}
