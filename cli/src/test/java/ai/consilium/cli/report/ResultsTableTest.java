package ai.consilium.cli.report;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.evaluation.Evaluator.Verdict;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ResultsTableTest {
    @Test
    void givenATableWhenPrintedThenColumnsAreAsWideAsWhatTheyHold() {
        // given
        String longName = "obstetrics-and-gynaecology";
        Map<String, Map<String, List<Verdict>>> verdicts = new LinkedHashMap<>();
        verdicts.put("base", Map.of("derm", verdicts(1, 4), longName, verdicts(0, 2)));
        verdicts.put("rl", Map.of("derm", verdicts(4, 4)));

        // when
        String table = ResultsTable.render(new Results(List.of("derm", longName), verdicts), "Accuracy");

        // then
        assertThat(table).startsWith("""
                        Accuracy

                               derm                 obstetrics-and-gynaecology  overall
                        base    25.0 [4.6, 69.9]      0.0 [0.0, 65.8]            16.7 [3.0, 56.4]
                        rl     100.0 [51.0, 100.0]  -                           100.0 [51.0, 100.0]
                        cases  n = 4                n = 2                       n = 6
                        """);
    }

    private static List<Verdict> verdicts(int right, int of) {
        return IntStream.range(0, of)
                .mapToObj(i -> new Verdict("case-" + i, i < right))
                .toList();
    }
}
