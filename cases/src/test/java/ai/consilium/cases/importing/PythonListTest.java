package ai.consilium.cases.importing;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cases.importing.table.PythonList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PythonListTest {
    @Test
    void givenListsAsPythonPrintsThemWhenReadThenEveryItemIsThere() {
        assertThat(PythonList.parse("[]")).contains(List.of());
        assertThat(PythonList.parse("['a', \"Crohn's disease\",]")).contains(List.of("a", "Crohn's disease"));
        assertThat(PythonList.parse("['it\\'s', 'a\\nb', 'c\\\\d', '\\xb5g', '\\u03b1', '\\U0001f600', '\\d']"))
                .contains(List.of("it's", "a\nb", "c\\d", "µg", "α", "😀", "\\d"));
        assertThat(PythonList.parse(" ['a, b', '[c]'] ")).contains(List.of("a, b", "[c]"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a",
                "[",
                "['a'",
                "['a",
                "['a' 'b']",
                "[a]",
                "['a'] b",
                "['\\x4']",
                "['\\u12",
                "['a\\",
                "[1]",
                "['\\xzz']"
            })
    void givenAnythingElseWhenReadThenItIsNoList(String text) {
        assertThat(PythonList.parse(text)).isEmpty();
    }
}
