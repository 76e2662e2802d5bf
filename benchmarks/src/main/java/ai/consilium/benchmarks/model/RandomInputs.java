package ai.consilium.benchmarks.model;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.CompletionTokens;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.model.ModelDirectory;
import java.awt.image.BufferedImage;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Prompts, tokens and adapters made from a seed, for workloads that measure: what they say does not matter, their sizes do. */
final class RandomInputs {
    private static final int PICTURE = 32;
    private static final double SPREAD_OF_B = 0.02;

    private RandomInputs() {}

    /** An adapter on every projection that, unlike an initial one, changes something. */
    static Adapter adapter(ModelDirectory model, int rank, long seed) {
        Adapter initial = Adapter.initial(model, rank, 2.0 * rank, LoraTarget.PROJECTIONS, seed);
        Random random = new Random(~seed);
        SortedMap<String, HostTensor> tensors = new TreeMap<>(initial.tensors());
        tensors.replaceAll((name, tensor) -> {
            float[] values = tensor.values().clone();
            for (int i = 0; name.contains("lora_B") && i < values.length; i++) {
                values[i] = (float) (SPREAD_OF_B * random.nextGaussian());
            }
            return new HostTensor(tensor.shape(), values);
        });
        return new Adapter(rank, initial.alpha(), initial.targets(), tensors);
    }

    /**
     * An image of 32 x 32 and words after it.
     *
     * @param length tokens, the image's included
     * @throws ModelException when nothing can follow the image
     */
    static EncodedPrompt prompt(ModelDirectory model, int length, Random random) {
        QwenConfig config = model.config();
        BufferedImage picture = new BufferedImage(PICTURE, PICTURE, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < PICTURE * PICTURE; i++) {
            picture.setRGB(i % PICTURE, i / PICTURE, random.nextInt(1 << 24));
        }
        ImageProcessor.Pixels pixels = model.images().process(picture, "random picture");
        int merged = pixels.gridT() * pixels.gridH() * pixels.gridW() / (model.mergeSize() * model.mergeSize());
        if (length < merged + 3) {
            throw new ModelException("a prompt with an image of " + merged + " tokens needs at least " + (merged + 3)
                    + " tokens, not " + length);
        }
        int[] tokens = new int[length];
        tokens[0] = config.visionStartToken();
        Arrays.fill(tokens, 1, 1 + merged, config.imageToken());
        tokens[1 + merged] = config.visionEndToken();
        int[] words = words(model, length - merged - 2, random);
        System.arraycopy(words, 0, tokens, 2 + merged, words.length);
        return new EncodedPrompt(tokens, List.of(pixels));
    }

    /** Tokens that a completion may hold: of others there is no probability. None has to do with images. */
    static int[] words(ModelDirectory model, int length, Random random) {
        QwenConfig config = model.config();
        CompletionTokens completions = model.completionTokens();
        Set<Integer> ofImages = Set.of(config.imageToken(), config.visionStartToken(), config.visionEndToken());
        return IntStream.generate(() -> random.nextInt(model.tokenizer().size()))
                .filter(token -> completions.contains(token) && !ofImages.contains(token))
                .limit(length)
                .toArray();
    }

    /** The pixels of a prompt's image as a tensor [patches, values]. */
    static HostTensor pixels(EncodedPrompt prompt, QwenConfig config) {
        float[] patches = prompt.images().get(0).patches();
        int width = config.vision().patchValues();
        return new HostTensor(new long[] {patches.length / width, width}, patches);
    }

    /** Patches in time, height and width of a prompt's image. */
    static List<Integer> grid(EncodedPrompt prompt) {
        ImageProcessor.Pixels pixels = prompt.images().get(0);
        return List.of(pixels.gridT(), pixels.gridH(), pixels.gridW());
    }
}
