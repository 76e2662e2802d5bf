package ai.consilium.policy.model;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** A random model of the shape that the default run uses, or smaller, in a directory of its own. */
public final class RandomModel {
    static final List<String> SPECIAL = List.of(
            "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>");
    public static final List<String> TARGETS =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    public static final Trainer.Optimiser OPTIMISER = new Trainer.Optimiser(0.9, 0.99, 1e-8, 0.0, 1.0);
    private static final int IMAGE_PAD = SPECIAL.indexOf("<|image_pad|>");

    private RandomModel() {}

    /** Small enough for checks by hand: hidden 32, 2 layers. */
    public static QwenConfig small() {
        return new QwenConfig(
                96,
                32,
                48,
                2,
                4,
                2,
                1e-6,
                10_000,
                List.of(1, 1, 2),
                true,
                IMAGE_PAD,
                3,
                4,
                OptionalInt.empty(),
                new QwenConfig.Vision(2, 32, 40, 2, 4, 2, 2, 16, List.of(1)));
    }

    /** The default run's: 1.2 million parameters. */
    public static QwenConfig full() {
        return new QwenConfig(
                768,
                128,
                384,
                4,
                4,
                2,
                1e-6,
                10_000,
                List.of(4, 6, 6),
                true,
                IMAGE_PAD,
                3,
                4,
                OptionalInt.empty(),
                new QwenConfig.Vision(2, 96, 192, 4, 4, 2, 2, 16, List.of(1)));
    }

    public static ModelDirectory create(Path directory, QwenConfig config, long seed) throws IOException {
        return create(directory, config, IntStream.range(0, config.vocabulary()), seed);
    }

    /** With a tokenizer of these ids only, special tokens and words. */
    public static ModelDirectory create(Path directory, QwenConfig config, IntStream ids, long seed)
            throws IOException {
        Files.createDirectories(directory);
        writeTokenizer(directory.resolve("tokenizer.json"), ids);
        ModelWriter.initialise(directory, config, seed);
        return ModelDirectory.open(directory);
    }

    private static void writeTokenizer(Path file, IntStream ids) throws IOException {
        ObjectMapper json = new ObjectMapper();
        ObjectNode root = json.createObjectNode();
        root.put("version", "1.0");
        ObjectNode model = root.putObject("model").put("type", "WordLevel").put("unk_token", "<|endoftext|>");
        ObjectNode vocab = model.putObject("vocab");
        for (int i = 0; i < SPECIAL.size(); i++) {
            vocab.put(SPECIAL.get(i), i);
            root.withArray("added_tokens")
                    .addObject()
                    .put("id", i)
                    .put("content", SPECIAL.get(i))
                    .put("single_word", false)
                    .put("lstrip", false)
                    .put("rstrip", false)
                    .put("normalized", false)
                    .put("special", true);
        }
        ids.filter(id -> id >= SPECIAL.size()).forEach(i -> vocab.put("w" + i, i));
        root.putObject("pre_tokenizer").put("type", "WhitespaceSplit");
        Files.writeString(file, json.writeValueAsString(root));
    }

    /** A random picture as a PNG. */
    static Path image(Path file, int width, int height, long seed) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Random random = new Random(seed);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, random.nextInt(1 << 24));
            }
        }
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    /** A picture of 32 x 32 pixels between vision tokens, then words. */
    public static EncodedPrompt prompt(ModelDirectory model, Path directory, int words, long seed) throws IOException {
        Path file = image(directory.resolve("image-" + seed + ".png"), 32, 32, seed);
        ImageProcessor.Pixels pixels = model.images().process(file, ImageSettings.of(1_000_000));
        List<Integer> tokens = new ArrayList<>(List.of(1, 3));
        int merged = pixels.gridH() * pixels.gridW() / 4;
        IntStream.range(0, merged).forEach(i -> tokens.add(IMAGE_PAD));
        tokens.add(4);
        for (int word : words(model.config(), words, new Random(seed))) {
            tokens.add(word);
        }
        return new EncodedPrompt(tokens.stream().mapToInt(Integer::intValue).toArray(), List.of(pixels));
    }

    /** Ordinary words at random. */
    public static int[] words(QwenConfig config, int count, Random random) {
        return random.ints(count, SPECIAL.size(), config.vocabulary()).toArray();
    }

    /** An adapter that does something: B is not zero. */
    public static Adapter adapter(ModelDirectory model, int rank, long seed) {
        Adapter initial = Adapter.initial(model, rank, 2.0 * rank, TARGETS, seed);
        Random random = new Random(seed);
        initial.tensors().forEach((name, tensor) -> {
            if (name.contains("lora_B")) {
                for (int i = 0; i < tensor.values().length; i++) {
                    tensor.values()[i] = (float) (0.05 * random.nextGaussian());
                }
            }
        });
        return initial;
    }
}
