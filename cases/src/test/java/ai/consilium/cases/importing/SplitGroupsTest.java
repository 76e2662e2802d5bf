package ai.consilium.cases.importing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitGroupsTest {
    @Test
    void givenCasesThatShareByWayOfAThirdThenTheyHaveOneNameInAnyOrder() {
        SplitGroups groups = new SplitGroups();
        groups.add("1", List.of("image b"));
        groups.add("2", List.of("image c"));
        groups.add("3", List.of("image b", "image c", "patient p"));
        groups.add("4", List.of());

        assertThat(List.of(groups.name(0), groups.name(1), groups.name(2))).containsOnly("image b");
        assertThat(groups.name(3)).isEqualTo("id 4");
        SplitGroups turned = new SplitGroups();
        turned.add("3", List.of("patient p", "image c", "image b"));
        turned.add("2", List.of("image c"));
        assertThat(turned.name(1)).isEqualTo("image b");
    }

    @Test
    void givenSharesThenNamesAreSharedOutAccordingly() {
        SplitShares shares = SplitShares.parse("80/10/10");

        Map<String, Long> counts = IntStream.range(0, 10_000)
                .mapToObj(i -> shares.file("id " + i))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        assertThat(counts.get("train.jsonl")).isBetween(7_800L, 8_200L);
        assertThat(counts.get("val.jsonl")).isBetween(850L, 1_150L);
        assertThat(new SplitShares(0, 0, 1).file("id 1")).isEqualTo("test.jsonl");
    }

    @ParameterizedTest
    @ValueSource(strings = {"80/20", "a/b/c", "0/0/0", "-1/1/1", "", "80/10/10/0"})
    void givenSharesThatAreNoneThenTheyAreRefused(String shares) {
        assertThatThrownBy(() -> SplitShares.parse(shares)).hasMessageStartingWith("--split: ");
    }
}
