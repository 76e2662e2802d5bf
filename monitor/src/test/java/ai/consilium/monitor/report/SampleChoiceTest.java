package ai.consilium.monitor.report;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.report.SampleChoice.Candidate;
import ai.consilium.monitor.state.Stories;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Member;
import ai.consilium.schemas.TrainingGroup;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SampleChoiceTest {
    private final SampleChoice choice = new SampleChoice();

    private void group(String id, Member... members) {
        choice.add(TrainingGroup.newBuilder(Stories.group(id, 1, 1, null))
                .setCaseRef(new CaseRef("train.jsonl", "00", "case of " + id))
                .setMembers(List.of(members))
                .build());
    }

    private static Member member(int sample, int tokens, double accuracy, double format, double advantage) {
        return Member.newBuilder(Stories.group("any", 1, 1, null).getMembers().get(0))
                .setSampleIndex(sample)
                .setTokens(Collections.nCopies(tokens, 1))
                .setAdvantage(advantage)
                .setParts(Map.of("accuracy", accuracy, "format", format))
                .build();
    }

    private List<String> chosen(int ofEach) {
        return choice.chosen(ofEach).stream()
                .map(one -> one.groupId() + "/" + one.sample())
                .toList();
    }

    @Test
    void givenSamplesOfSeveralLengthsThenTheShortestThatTaughtAndKeepTheFormatAreChosen() {
        group("a", member(0, 9, 1, 1, 0.5), member(1, 2, 1, 0, 0.5), member(2, 1, 1, 1, 0), member(3, 8, 0, 1, -1));
        Member cut =
                Member.newBuilder(member(1, 1, 0, 1, -1)).setTruncated(true).build();
        group("b", member(0, 4, 1, 1, 0.5), cut);
        group("c", member(0, 30, 0, 1, -1));

        assertThat(chosen(1)).containsExactly("b/0", "a/3");
        // Of a case there is one, right or wrong: that of "a" is taken.
        assertThat(chosen(2)).containsExactly("b/0", "a/0", "c/0");
        assertThat(choice.chosen(1)).extracting(Candidate::right).containsExactly(true, false);
    }

    @Test
    void givenMoreGroupsThanAreKeptThenOnlyTheNewestAreChosenFrom() {
        group("old", member(0, 1, 1, 1, 1));
        for (int i = 0; i < SampleChoice.NEWEST; i++) {
            group("new-" + i, member(0, 50, 1, 1, 1));
        }

        assertThat(chosen(100)).hasSize(SampleChoice.NEWEST).doesNotContain("old/0");
    }
}
