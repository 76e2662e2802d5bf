package ai.consilium.pretraining;

import ai.consilium.cases.lessons.PretrainingItem;
import ai.consilium.inference.prompt.ChatEncoder;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor.Pixels;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.training.Trainer;
import java.util.List;

/** Turns pretraining items into training examples. Thread-safe. */
final class ItemEncoder {
    private final ModelDirectory model;
    private final ChatEncoder chat;

    ItemEncoder(ModelDirectory model) {
        this.model = model;
        this.chat = new ChatEncoder(model);
    }

    Trainer.Example example(PretrainingItem item) {
        Sampler.Group asked = group(item, 0);
        return new Trainer.Example(asked.prompt(), asked.instructions().get(0), chat.encode(item.completion()));
    }

    /** An item as a group of one sample. */
    Sampler.Group group(PretrainingItem item, long seed) {
        Pixels pixels = model.images().process(item.image(), item.kind());
        ChatEncoder.Group asked = chat.encode(List.of(item.prompt()));
        int[] prefix = chat.expand("pretraining item", asked.prefix(), List.of(pixels));
        return new Sampler.Group(new EncodedPrompt(prefix, List.of(pixels)), asked.rests(), seed);
    }

    String text(int[] tokens) {
        return chat.decode(tokens);
    }
}
