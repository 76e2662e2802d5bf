package ai.consilium.pretraining;

import ai.consilium.cases.lessons.PretrainingItem;
import ai.consilium.inference.prompt.PromptEncoder;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.training.Trainer;
import java.util.List;

/** Turns pretraining items into training examples. Thread-safe. */
final class ItemEncoder {
    private final ModelDirectory model;

    ItemEncoder(ModelDirectory model) {
        this.model = model;
    }

    Trainer.Example example(PretrainingItem item) {
        return new Trainer.Example(
                prompt(item),
                model.tokenizer().encode(item.instruction()),
                model.tokenizer().encode(item.completion()));
    }

    EncodedPrompt prompt(PretrainingItem item) {
        Pixels pixels = model.images().process(item.image(), item.kind());
        return PromptEncoder.expand("pretraining item", model, item.prefix(), List.of(pixels));
    }

    int[] instruction(PretrainingItem item) {
        return model.tokenizer().encode(item.instruction());
    }

    String text(int[] tokens) {
        return model.tokenizer().decode(tokens);
    }
}
