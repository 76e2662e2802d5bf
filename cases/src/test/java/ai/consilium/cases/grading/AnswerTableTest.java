package ai.consilium.cases.grading;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.format.Case;
import ai.consilium.cases.format.SampleCases;
import ai.consilium.cases.grading.Grading.Mode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** completions.tsv, which says what it is. */
class AnswerTableTest {
    private static final String NONE = "-";

    record Row(Case of, String completion, Map<Mode, String> letters, String reason) {
        @Override
        public String toString() {
            return reason + ": " + completion;
        }
    }

    static List<Row> rows() {
        Map<String, Case> cases = new HashMap<>();
        List<Row> rows = new ArrayList<>();
        for (String line : lines()) {
            String[] cells = line.split("\t", -1);
            if (cells[0].equals("case")) {
                cases.put(cells[1], SampleCases.asking(options(cells), "A"));
            } else if (!line.startsWith("#")) {
                rows.add(new Row(
                        Objects.requireNonNull(cases.get(cells[0]), line),
                        cells[1].replace('⏎', '\n').replace('⍽', '\u00a0').replace('∅', '\u200b'),
                        Map.of(Mode.STRICT, cells[2], Mode.LENIENT, cells[3], Mode.COMPAT, cells[4]),
                        cells[5]));
            }
        }
        return rows;
    }

    private static Map<String, String> options(String[] cells) {
        Map<String, String> options = new TreeMap<>();
        for (int i = 2; i < cells.length; i++) {
            options.put(cells[i].substring(0, 1), cells[i].substring(2));
        }
        return options;
    }

    private static List<String> lines() {
        try (BufferedReader table = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(AnswerTableTest.class.getResourceAsStream("completions.tsv")),
                StandardCharsets.UTF_8))) {
            return table.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void givenACompletionWhenReadThenEachModeTakesItForWhatTheTableSays(Row row) {
        for (Mode mode : Mode.values()) {
            assertThat(Grading.answer(row.of(), row.completion(), mode).orElse(NONE))
                    .as("%s", mode)
                    .isEqualTo(row.letters().get(mode));
        }
    }

    @Test
    void givenAStrictAnswerThenItIsTheLenientOneToo() {
        assertThat(rows()).hasSizeGreaterThanOrEqualTo(80).allSatisfy(row -> {
            Optional<String> strict = Grading.answer(row.of(), row.completion(), Mode.STRICT);
            if (strict.isPresent()) {
                assertThat(Grading.answer(row.of(), row.completion(), Mode.LENIENT))
                        .isEqualTo(strict);
            }
        });
    }
}
