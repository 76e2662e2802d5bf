package ai.consilium.cases.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WordingTest {
    @ParameterizedTest
    @CsvSource({
        "no x, no\u00a0x",
        "\u00e9, e\u0301",
        "pneumonia, pneu\u200bmonia",
        "pneumonia, \ufeffpneumonia",
        "x, \u202ex\u202c",
        "B, \uff22",
        "Na+, Na\u207a",
        "5 \u00b5g, 5 \u03bcg",
        "Pneumonia, PNEUMONIA",
        "Gef\u00e4\u00df, GEF\u00c4SS",
        "x-ray, x - ray",
        "e\u200d\u0301, \u00e9",
    })
    void givenTextsThatReadTheSameThenTheyAreTheSame(String one, String other) {
        assertThat(Wording.same(one, other)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"pneumonia, no pneumonia", "grade 1, grade 10", "left, right", "e, \u00e9", "<, >"})
    void givenTextsThatReadDifferentlyThenTheyAreNotTheSame(String one, String other) {
        assertThat(Wording.same(one, other)).isFalse();
    }
}
