package ai.consilium.benchmarks.model;

import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.input.Tokenizer;
import ai.consilium.policy.model.RandomShards;
import ai.consilium.pretraining.TinyModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Shapes of the published Qwen2.5-VL (2502.13923), for models of random weights. */
public enum PublishedShape {
    /** Qwen2.5-VL-3B: 3.75 billion parameters, 7.5 GB. */
    QWEN_3B(151_936, 2048, 11_008, 36, 16, 2, true),
    /** Qwen2.5-VL-7B: 8.29 billion parameters, 16.6 GB. */
    QWEN_7B(152_064, 3584, 18_944, 28, 28, 4, false);

    /** Ids that have a token; the embedding has more rows. */
    public static final int TOKENS = 151_665;

    /** Blocks of the vision tower. */
    public static final int VISION_BLOCKS = 32;

    private static final long SHARD_BYTES = 4L << 30;

    private final int vocabulary;
    private final int hidden;
    private final int intermediate;
    private final int layers;
    private final int heads;
    private final int kvHeads;
    private final boolean tied;

    PublishedShape(int vocabulary, int hidden, int intermediate, int layers, int heads, int kvHeads, boolean tied) {
        this.vocabulary = vocabulary;
        this.hidden = hidden;
        this.intermediate = intermediate;
        this.layers = layers;
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.tied = tied;
    }

    /** Its name on the command line: 3b or 7b. */
    public String label() {
        return name().substring(name().indexOf('_') + 1).toLowerCase(Locale.ROOT);
    }

    /** By its label, or null. */
    public static @org.jspecify.annotations.Nullable PublishedShape labelled(String label) {
        for (PublishedShape shape : values()) {
            if (shape.label().equals(label)) {
                return shape;
            }
        }
        return null;
    }

    /** Layers of its decoder. */
    public int layers() {
        return layers;
    }

    /**
     * How much of the shape a model has; it is as wide in any case.
     *
     * @param layers of the decoder
     * @param visionBlocks of the vision tower, the last of which sees whole images
     * @param tokens ids that have one
     */
    public record Extent(int layers, int visionBlocks, int tokens) {}

    /** The config of a model of this width with fewer, or all, layers; the ids are Qwen's. */
    public QwenConfig config(int layers) {
        return config(new Extent(layers, VISION_BLOCKS, TOKENS), 151_655, 151_652, 151_653, 151_656);
    }

    private QwenConfig config(Extent extent, int image, int visionStart, int visionEnd, int video) {
        List<Integer> full = Stream.of(7, 15, 23, 31)
                .filter(block -> block < extent.visionBlocks() - 1)
                .toList();
        return new QwenConfig(
                vocabulary - TOKENS + extent.tokens(),
                hidden,
                intermediate,
                extent.layers(),
                heads,
                kvHeads,
                1e-6,
                1e6,
                List.of(16, 24, 24),
                tied,
                image,
                visionStart,
                visionEnd,
                OptionalInt.of(video),
                new QwenConfig.Vision(
                        extent.visionBlocks(),
                        1280,
                        3420,
                        16,
                        14,
                        2,
                        2,
                        112,
                        Stream.concat(full.stream(), Stream.of(extent.visionBlocks() - 1))
                                .toList()));
    }

    /** Writes a model of this shape in BF16, in shards, with the words of models/tiny and fillers up to its number of tokens. */
    public void write(Path directory, Extent extent, long seed) throws IOException {
        TinyModel.writeTokenizer(directory, extent.tokens());
        Tokenizer tokenizer = Tokenizer.read(directory.resolve("tokenizer.json"));
        QwenConfig config = config(
                extent,
                tokenizer.id("<|image_pad|>"),
                tokenizer.id("<|vision_start|>"),
                tokenizer.id("<|vision_end|>"),
                tokenizer.id("<|video_pad|>"));
        RandomShards.write(directory, config, seed, SHARD_BYTES);
    }
}
