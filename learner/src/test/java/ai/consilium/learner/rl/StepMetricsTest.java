package ai.consilium.learner.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.learner.Groups;
import ai.consilium.learner.rl.GroupAdmission.Staleness;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Span;
import ai.consilium.schemas.TrainingGroup;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;

class StepMetricsTest {
    @Test
    void givenAnUnscoredPartThenItIsNoZero() {
        // given: one member without a guideline score
        Span span = new Span(0, 1, 0L, "hash");
        TrainingGroup group = Groups.group(
                "g",
                new CaseRef("train.jsonl", "sha", "c"),
                List.of(
                        Groups.member(
                                0, "p", List.of(1), 1, Map.of("accuracy", 1.0, "format", 1.0, "guideline", 0.4), span),
                        Groups.member(1, "p", List.of(1, 2, 3), -1, Map.of("accuracy", 0.0, "format", 1.0), span)));
        Usable usable = new Usable(
                group, new Trainer.Group(new EncodedPrompt(new int[0], List.of()), List.of(), 1), new Staleness(1, 1));

        // when
        SortedMap<String, Double> figures = StepMetrics.ofScored(List.of(usable), Map.of("pg_loss", 0.1));
        StepMetrics.timed(figures, 1e-3, 2, 0.5);

        // then
        assertThat(figures)
                .containsEntry("reward/accuracy", 0.5)
                .containsEntry("reward/format", 1.0)
                .containsEntry("reward/guideline", 0.4)
                .containsEntry("staleness/max", 2.0)
                .containsEntry("staleness/groups/2", 1.0)
                .containsEntry("reward/accuracy/none", 0.5)
                .containsEntry("staleness/in_flight/mean", 1.0)
                .containsEntry("staleness/in_queue/max", 1.0)
                .containsEntry("frac_reward_zero_std/accuracy", 0.0)
                .containsEntry("frac_reward_zero_std/format", 1.0)
                .containsEntry("response_length/min", 1.0)
                .containsEntry("response_length/max", 3.0)
                .containsEntry("response_length/mean", 2.0)
                .containsEntry("pg_loss", 0.1)
                .containsEntry("wait_for_batch_seconds", 0.5);
        assertThat(figures.get("reward/mean")).isCloseTo((0.8 + 0.5) / 2, within(1e-12));
        assertThat(figures.get("advantage/std")).isCloseTo(Math.sqrt(2), within(1e-12));
    }
}
