package ai.consilium.cli.rescore;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.cli.report.ReportJson;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RescoreSummaryTest {
    private static final String HOSTILE = "<script>alert('1')</script> \u001b[2J \u202egnp";

    private static GroupChange.Member member(int sample, double before, double after, ScoreChange... scores) {
        return new GroupChange.Member(
                sample,
                sample % 2 == 0 ? "analytical" : "intuitive",
                "t" + sample,
                before,
                after,
                Map.of("z_a", before),
                Map.of("z_a", after),
                List.of(scores));
    }

    private static GroupChange group(
            String id, String specialty, boolean filteredBefore, boolean filteredAfter, GroupChange.Member... members) {
        return new GroupChange(
                id, specialty, specialty, "case of " + id, filteredBefore, filteredAfter, List.of(members));
    }

    private static RescoreSummary summary(boolean own, GroupChange... groups) {
        RescoreSummary.Work work = new RescoreSummary.Work(
                List.of("aaaaaaaaaaaaaaaa"),
                List.of("bbbbbbbbbbbbbbbb"),
                8,
                3,
                0.5,
                new TreeMap<>(Map.of("distill", 2L)),
                0,
                false);
        return RescoreSummary.of(work, own, List.of(groups), new TreeMap<>(), 2);
    }

    private static ScoreChange hostile() {
        return new ScoreChange(
                "tone",
                new ScoreChange.Judgement(0.25, null, List.of("plain")),
                new ScoreChange.Judgement(0.75, null, List.of(HOSTILE)));
    }

    @Test
    void givenGroupsThenFlipsFilteringAndTheMostChangedAreCounted() throws Exception {
        GroupChange same = group("same", "pediatrics", false, false, member(0, 1, 1), member(1, -1, -1));
        GroupChange turned = group("turned", "pediatrics", false, false, member(0, 1, -2), member(1, -1, 2));
        GroupChange silent = group("silent", "oncology_surgery", false, true, member(0, 1, 0), member(1, -1, 0));
        GroupChange woken = group("woken", "oncology_surgery", true, false, member(0, 0, .5), member(1, 0, -.5));
        GroupChange never = group("never", "oncology_surgery", true, true, member(0, 0, 0), member(1, 0, 0));

        RescoreSummary summary = summary(false, same, turned, silent, woken, never);

        assertThat(summary.check()).isNull();
        assertThat(summary.groups()).isEqualTo(5);
        assertThat(summary.changedGroups()).isEqualTo(3);
        assertThat(summary.newlyFiltered()).isEqualTo(1);
        assertThat(summary.noLongerFiltered()).isEqualTo(1);
        // Without the group that has no advantages either way.
        assertThat(summary.overall().samples()).isEqualTo(8);
        assertThat(summary.overall().signFlips()).isEqualTo(2);
        assertThat(summary.overall().signFlipShare()).isEqualTo(0.25);
        assertThat(summary.bySpecialty()).containsOnlyKeys("pediatrics", "oncology_surgery");
        assertThat(Objects.requireNonNull(summary.byPerspective().get("analytical"))
                        .samples())
                .isEqualTo(4);
        assertThat(summary.mostChanged()).extracting(GroupChange::groupId).containsExactly("turned", "silent");
        JsonNode json = new ObjectMapper().readTree(ReportJson.write(summary));
        assertThat(json.at("/most_changed/0/change").asDouble()).isEqualTo(3);
        assertThat(json.at("/by_specialty/pediatrics/spearman").isNumber()).isTrue();
        assertThat(json.at("/work/rate").isMissingNode()).isTrue();
        assertThat(json.has("rows")).isFalse();
    }

    @Test
    void givenTheRunsOwnConfigurationThenTheFirstGroupThatDiffersIsNamed() {
        GroupChange same = group("same", "pediatrics", false, false, member(0, 1, 1));
        GroupChange off = group("off", "pediatrics", false, false, member(0, 0.1, Math.nextUp(0.1)));

        Rescoring exact = new Rescoring(summary(true, same), List.of(same));
        assertThat(exact.failed()).isFalse();
        assertThat(exact.table()).contains("every recorded advantage came out bit for bit");
        Rescoring failed = new Rescoring(summary(true, same, off), List.of(same, off));

        assertThat(failed.failed()).isTrue();
        // A difference of one bit is shown as one.
        assertThat(failed.table()).contains("NOT as recorded", "off", "0.1 -> 0.10000000000000002");
    }

    @Test
    void givenASignedZeroThenItIsADifferenceOfBitsAndNoFlip() {
        assertThat(member(0, 0.0, -0.0).same()).isFalse();
        assertThat(member(0, 0.0, -0.0).flips()).isFalse();
    }

    @Test
    void givenHostileTextThenTableAndPageShowItAsText() {
        GroupChange group = group("g", "pediatrics", false, false, member(0, 1, -1, hostile()), member(1, -1, 1));
        Rescoring rescoring = new Rescoring(summary(false, group), List.of(group));

        assertThat(rescoring.table())
                .contains("tone 0.25 -> 0.75", "\\u001b[2J")
                .doesNotContain("\u001b")
                .doesNotContain("\u202e");
        assertThat(RescorePage.of(rescoring, "run <b>"))
                .startsWith("<!doctype html>")
                .endsWith("</html>\n")
                .contains("&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;", "run &lt;b&gt;", "case of g")
                .doesNotContain("<script")
                .doesNotContain("\u001b")
                .doesNotContain("\u202e")
                .doesNotContain("http://")
                .doesNotContain("https://")
                .doesNotContain("NaN");
    }
}
