package ai.consilium.policy.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.input.PromptPositions;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.training.LossBatch;
import ai.consilium.policy.training.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

class PackedBatchTest {
    private static final int PAD = RandomModel.small().imageToken();

    /** 4 x 6 patches are 2 x 3 image tokens. */
    private static ImageProcessor.Pixels image() {
        return new ImageProcessor.Pixels(new float[24 * 96], 1, 4, 6);
    }

    private static EncodedPrompt prompt(int... tokens) {
        return new EncodedPrompt(tokens, List.of(image()));
    }

    @Test
    void givenAnImageThenItsTokensTakeRowsAndColumnsAndTextGoesOnAfterTheLargest() {
        PromptPositions positions =
                PromptPositions.of(prompt(1, 3, PAD, PAD, PAD, PAD, PAD, PAD, 4, 9), RandomModel.small());

        assertThat(positions.axes()[0]).containsExactly(0, 1, 2, 2, 2, 2, 2, 2, 5, 6);
        assertThat(positions.axes()[1]).containsExactly(0, 1, 2, 2, 2, 3, 3, 3, 5, 6);
        assertThat(positions.axes()[2]).containsExactly(0, 1, 2, 3, 4, 2, 3, 4, 5, 6);
        assertThat(positions.next()).isEqualTo(7);
    }

    @Test
    void givenImageTokensThatDoNotFitTheImagesThenThePromptIsRefused() {
        QwenConfig config = RandomModel.small();
        assertThatThrownBy(() -> PromptPositions.of(prompt(1, PAD, PAD, 9), config))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("fewer image tokens");
        assertThatThrownBy(() -> PromptPositions.of(prompt(1, 9), config))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("more images");
        assertThatThrownBy(() -> PromptPositions.of(new EncodedPrompt(new int[] {PAD, 9}, List.of()), config))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("more image tokens");
    }

    @Test
    void givenSamplesWithAndWithoutInstructionThenEachBeginsWithThePromptsLastToken() {
        EncodedPrompt text = new EncodedPrompt(new int[] {7, 8, 9}, List.of());
        PackedBatch batch = PackedBatch.of(
                RandomModel.small(),
                List.of(new PackedBatch.Group(text, List.of(new int[] {}, new int[] {20, 21}))),
                true);

        assertThat(batch.prefix().tokens()).containsExactly(7, 8);
        assertThat(batch.samples().tokens()).containsExactly(0, 0, 9, 9, 20, 21);
        assertThat(batch.samples().valid()).containsExactly(0, 0, 1, 1, 1, 1);
        assertThat(batch.samples().positions()).startsWith(0, 0, 2, 2, 3, 4);
        assertThat(batch.next()).containsExactly(3, 5);
    }

    @Test
    void givenABatchOverTheBudgetThenItSplitsBetweenGroupsInOrder() {
        EncodedPrompt text = new EncodedPrompt(new int[10], List.of());
        Trainer.Member kept = new Trainer.Member(new int[0], new int[9], new float[9], 1, false);
        Trainer.Member cut = new Trainer.Member(new int[0], new int[9], new float[9], 1, true);
        Trainer.Group group = new Trainer.Group(text, List.of(kept, kept, cut), 1);
        Trainer.Group silent = new Trainer.Group(text, List.of(cut), 1);

        assertThat(LossBatch.tokens(List.of(group, silent))).isEqualTo(18);
        assertThat(LossBatch.parts(List.of(group, silent, group, group), shape -> shape.tokens() <= 60))
                .containsExactly(List.of(group, group), List.of(group));
    }
}
