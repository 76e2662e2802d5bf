package ai.consilium.rollout.worker;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.rollout.engine.InferenceEngine.Completion;
import ai.consilium.rollout.worker.TrajectoryRecord.Circumstances;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RunRecords;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrajectoryRecordTest {
    private static final List<Span> SPANS = List.of(new Span(0, 2, 3L, "hash"));

    @Test
    void givenOtherContentWhenNamedThenTheIdDiffers() {
        String id = TrajectoryRecord.id("g1", 0, new int[] {1, 2}, SPANS);

        assertThat(id).hasSize(64).isEqualTo(TrajectoryRecord.id("g1", 0, new int[] {1, 2}, SPANS));
        assertThat(List.of(
                        id,
                        TrajectoryRecord.id("g2", 0, new int[] {1, 2}, SPANS),
                        TrajectoryRecord.id("g1", 1, new int[] {1, 2}, SPANS),
                        TrajectoryRecord.id("g1", 0, new int[] {1, 3}, SPANS),
                        TrajectoryRecord.id("g1", 0, new int[] {1, 2}, List.of(new Span(0, 2, 4L, "hash"))),
                        TrajectoryRecord.id("g1", 0, new int[] {1, 2}, List.of(new Span(0, 2, 3L, "hush")))))
                .doesNotHaveDuplicates();
    }

    @Test
    void givenATruncatedCompletionWhenRecordedThenItSaysSo() {
        Completion completion = new Completion(new int[] {7, 8}, new float[] {-.5f, -.25f}, SPANS, "seven eight", true);

        Trajectory record = TrajectoryRecord.of(
                RunRecords.prompt("g1", "pediatrics"),
                1,
                "prompt-hash",
                completion,
                new Circumstances("here/rollout-1", 2, 40),
                99);

        assertThat(record.getFinishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(record.getSpans()).isEqualTo(SPANS);
        assertThat(record.getLogprobs()).containsExactly(-.5f, -.25f);
        assertThat(record.getPerspective()).isEqualTo("intuitive");
        assertThat(record.getTrajectoryId()).isEqualTo(TrajectoryRecord.id("g1", 1, new int[] {7, 8}, SPANS));
        assertThat(record.getText()).isEqualTo("seven eight");
        assertThat(record.getDeliveryCount()).isEqualTo(2);
    }
}
