package ai.consilium.policy.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.batch.PackedBatch.Shape;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.training.ActivationCheckpointing;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ActivationMemoryTest {
    private static final double GB = 1e9;
    private static final int IDS = 151_665;

    /** Qwen2.5-VL-7B-Instruct. */
    private static final QwenConfig LARGE = new QwenConfig(
            152_064,
            3_584,
            18_944,
            28,
            28,
            4,
            1e-6,
            1e6,
            List.of(16, 24, 24),
            false,
            151_655,
            151_652,
            151_653,
            OptionalInt.of(151_656),
            new QwenConfig.Vision(32, 1_280, 3_420, 16, 14, 2, 2, 112, List.of(7, 15, 23, 31)));

    @Test
    void givenTheLargestModelAndAGroupOfLongCompletionsThenOnlyTheCheckpointedRouteIsSmall() {
        ActivationMemory memory = new ActivationMemory(LARGE, Precision.BF16, IDS);
        Shape group = new Shape(1, 3_000, 8, 2_048);
        long working = ActivationCheckpointing.DEFAULT.working();

        assertThat(memory.plain(group) / GB).isBetween(100.0, 250.0);
        assertThat(memory.checkpointed(group, working) / GB).isBetween(4.0, 8.0);
        assertThat(memory.rows(3_000, 2_048, working)).isEqualTo(1);
        assertThat(memory.chunk(working)).isBetween(100, 300);
        assertThat(ActivationCheckpointing.DEFAULT.checkpointed(group, memory)).isTrue();
    }

    @Test
    void givenTheDefaultRunThenNothingIsCheckpointed() {
        ActivationMemory memory = new ActivationMemory(RandomModel.full(), Precision.FP32, 768);
        // As many tokens as a part may hold, whether in prompts or in completions.
        for (Shape part : List.of(
                new Shape(8, 430, 80, 8),
                new Shape(1, 96, 80, 50),
                new Shape(16, 200, 16, 56),
                new Shape(5, 256, 40, 64))) {
            assertThat(part.tokens()).isBetween(3_500L, 4_200L);
            assertThat(memory.plain(part)).isLessThan(ActivationCheckpointing.DEFAULT.bytes());
            assertThat(ActivationCheckpointing.DEFAULT.checkpointed(part, memory))
                    .isFalse();
        }
    }

    @Test
    void givenMoreOfAnythingThenMoreIsNeeded() {
        ActivationMemory memory = new ActivationMemory(LARGE, Precision.BF16, IDS);
        long working = 1L << 30;
        Shape group = new Shape(1, 500, 4, 100);
        for (Shape more : List.of(new Shape(1, 600, 4, 100), new Shape(1, 500, 5, 100), new Shape(1, 500, 4, 120))) {
            assertThat(memory.plain(more)).isGreaterThan(memory.plain(group));
            assertThat(memory.checkpointed(more, working)).isGreaterThan(memory.checkpointed(group, working));
        }
        ActivationMemory exact = new ActivationMemory(LARGE, Precision.FP32, IDS);
        assertThat(exact.plain(group)).isGreaterThan(memory.plain(group));
        assertThat(memory.rows(500, 100, 2 * working)).isGreaterThan(memory.rows(500, 100, working));
        assertThat(memory.rows(500, 100, 1)).isEqualTo(1);
        assertThat(memory.chunk(1)).isEqualTo(1);
    }
}
