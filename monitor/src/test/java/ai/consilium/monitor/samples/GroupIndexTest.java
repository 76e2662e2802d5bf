package ai.consilium.monitor.samples;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.monitor.state.Stories;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.testing.RunRecords;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class GroupIndexTest {
    private final GroupIndex index = new GroupIndex(3);
    private long offset;

    private void add(SpecificRecord record) {
        index.add(new ConsumerRecord<>("topic", 2, offset++, "key", record));
    }

    private void scored(String group, int sample, double accuracy, double guideline) {
        Score right = Score.newBuilder()
                .setScorer("accuracy")
                .setScorerVersion("v")
                .setValue(accuracy)
                .setLatencyMs(1)
                .build();
        Score other = Score.newBuilder()
                .setScorer("analytical")
                .setScorerVersion("v")
                .setValue(guideline)
                .setLatencyMs(1)
                .build();
        add(new Scores(group + "/" + sample, group, sample, "plan", List.of(right, other), 1L));
    }

    private List<String> found(SampleFilter filter) {
        return index.find(filter, null, 10).groups().stream()
                .map(GroupIndex.Summary::id)
                .toList();
    }

    private static SampleFilter filter(
            String perspective, @Nullable Long version, @Nullable Boolean right, @Nullable Double least) {
        return new SampleFilter("", perspective, "", version, right, least, null, "");
    }

    @Test
    void givenGroupsWhenFilteredThenPerspectiveAnswerAndScoreAreAskedOfTheSameSample() {
        // given: analytical right and poor, intuitive wrong and good (so are the members of the prompt)
        add(RunRecords.prompt("g", "pediatrics"));
        scored("g", 0, 1, 0.0);
        scored("g", 1, 0, 1.0);

        assertThat(found(SampleFilter.ALL)).containsExactly("g");
        assertThat(found(filter("analytical", null, true, null))).containsExactly("g");
        assertThat(found(filter("analytical", null, false, null))).isEmpty();
        assertThat(found(filter("intuitive", null, false, 0.5))).containsExactly("g");
        assertThat(found(filter("", null, true, 0.6))).isEmpty();
        assertThat(found(filter("bayesian", null, null, null))).isEmpty();
        assertThat(found(new SampleFilter("pediatrics", "", "open", null, null, null, null, "")))
                .containsExactly("g");
        assertThat(found(new SampleFilter("oncology", "", "", null, null, null, null, "")))
                .isEmpty();
    }

    @Test
    void givenAGroupWhoseEndWasSeenFirstThenItsVersionsAreFoundAllTheSame() {
        add(Stories.outcome("g", Outcome.FILTERED));
        add(Stories.group("g", 4, 1.0, null));
        assertThat(found(SampleFilter.ALL)).as("without a prompt").isEmpty();
        add(RunRecords.prompt("g", "pediatrics"));

        assertThat(found(filter("", 4L, null, null))).containsExactly("g");
        assertThat(found(filter("", 3L, null, null))).isEmpty();
        assertThat(found(new SampleFilter("", "", "filtered", null, true, null, null, "")))
                .containsExactly("g");
    }

    @Test
    void givenMoreGroupsThanAreKeptThenTheNewestStayAndPagesFollowEachOther() {
        for (int i = 0; i < 5; i++) {
            add(RunRecords.prompt("g-" + i, "pediatrics"));
        }

        GroupIndex.Found first = index.find(SampleFilter.ALL, null, 2);

        assertThat(first.groups()).extracting(GroupIndex.Summary::id).containsExactly("g-4", "g-3");
        assertThat(first.indexed()).isEqualTo(3);
        assertThat(first.begun()).isEqualTo(5);
        assertThat(index.find(SampleFilter.ALL, first.groups().get(1).sequence(), 2)
                        .groups())
                .extracting(GroupIndex.Summary::id)
                .containsExactly("g-2");
        assertThat(index.places("g-0")).isNull();
    }
}
