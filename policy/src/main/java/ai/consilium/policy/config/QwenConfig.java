package ai.consilium.policy.config;

import ai.consilium.policy.ModelException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * Shape of a Qwen2.5-VL model, as Hugging Face's config.json gives it (2502.13923).
 *
 * @param heads query heads of a layer
 * @param kvHeads heads of keys and values; divides heads
 * @param ropeTheta base of the rotary frequencies
 * @param mropeSections rotary dimensions (pairs) that turn by time, height and width; their sum is half a head
 * @param tied the head is the embedding
 * @param imageToken id of the placeholder that an image feature replaces
 * @param videoToken the same for videos, which nothing here reads; engines of others refuse images where the model lacks it
 */
public record QwenConfig(
        int vocabulary,
        int hidden,
        int intermediate,
        int layers,
        int heads,
        int kvHeads,
        double epsilon,
        double ropeTheta,
        List<Integer> mropeSections,
        boolean tied,
        int imageToken,
        int visionStartToken,
        int visionEndToken,
        OptionalInt videoToken,
        Vision vision) {

    static final String MODEL_TYPE = "qwen2_5_vl";
    static final String ARCHITECTURE = "Qwen2_5_VLForConditionalGeneration";
    private static final ObjectMapper JSON = new ObjectMapper();

    /**
     * The vision tower.
     *
     * @param merge patches of one side of a merged patch
     * @param window side of an attention window in pixels
     * @param fullAttention blocks that see the whole image
     */
    public record Vision(
            int depth,
            int hidden,
            int intermediate,
            int heads,
            int patch,
            int temporalPatch,
            int merge,
            int window,
            List<Integer> fullAttention) {
        /** Checks the shape. @throws IllegalArgumentException naming the key */
        public Vision {
            positive("vision_config.depth", depth);
            positive("vision_config.hidden_size", hidden);
            positive("vision_config.intermediate_size", intermediate);
            positive("vision_config.num_heads", heads);
            positive("vision_config.patch_size", patch);
            positive("vision_config.temporal_patch_size", temporalPatch);
            positive("vision_config.spatial_merge_size", merge);
            positive("vision_config.window_size", window);
            fullAttention = List.copyOf(fullAttention);
            require(hidden % (4 * heads) == 0, "vision_config.hidden_size must be a multiple of 4 * num_heads");
        }

        /** Values of one patch: 3 channels, temporal, height, width. */
        public int patchValues() {
            return 3 * temporalPatch * patch * patch;
        }

        /** Dimensions of one head. */
        public int headDim() {
            return hidden / heads;
        }
    }

    /** Checks the shape. @throws IllegalArgumentException naming the key */
    public QwenConfig {
        positive("vocab_size", vocabulary);
        positive("hidden_size", hidden);
        positive("intermediate_size", intermediate);
        positive("num_hidden_layers", layers);
        positive("num_attention_heads", heads);
        positive("num_key_value_heads", kvHeads);
        mropeSections = List.copyOf(mropeSections);
        require(heads % kvHeads == 0, "num_attention_heads must be a multiple of num_key_value_heads");
        require(hidden % (2 * heads) == 0, "hidden_size must be a multiple of 2 * num_attention_heads");
        require(
                mropeSections.size() == 3
                        && mropeSections.stream().mapToInt(Integer::intValue).sum() == hidden / heads / 2,
                "rope_scaling.mrope_section must hold three numbers that add up to half of the head dimension "
                        + hidden / heads);
        require(imageToken >= 0 && imageToken < vocabulary, "image_token_id must be below vocab_size");
    }

    /** Dimensions of one head. */
    public int headDim() {
        return hidden / heads;
    }

    /**
     * Reads a config.json as transformers 4 or 5 writes it.
     *
     * @param head whether the weights hold a head of their own: where the file does not say, a model without is tied
     * @throws ModelException naming the file and the key
     */
    public static QwenConfig read(Path file, boolean head) {
        try {
            return new QwenConfigReader(JSON.readTree(file.toFile()), head).read();
        } catch (IOException | IllegalArgumentException e) {
            throw new ModelException(file + ": " + e.getMessage(), e);
        }
    }

    /** Writes it as config.json. */
    public void write(Path file) {
        ObjectNode root = JSON.createObjectNode();
        root.putArray("architectures").add(ARCHITECTURE);
        root.put("model_type", MODEL_TYPE).put("torch_dtype", "float32").put("hidden_act", "silu");
        root.put("vocab_size", vocabulary).put("hidden_size", hidden).put("intermediate_size", intermediate);
        root.put("num_hidden_layers", layers).put("num_attention_heads", heads);
        root.put("num_key_value_heads", kvHeads).put("rms_norm_eps", epsilon).put("rope_theta", ropeTheta);
        root.put("max_position_embeddings", 32768).put("tie_word_embeddings", tied);
        root.put("attention_dropout", 0.0).put("use_sliding_window", false);
        root.put("image_token_id", imageToken);
        root.put("vision_start_token_id", visionStartToken).put("vision_end_token_id", visionEndToken);
        videoToken.ifPresent(id -> root.put("video_token_id", id));
        fill(root.putObject("rope_scaling").put("type", "mrope").putArray("mrope_section"), mropeSections);
        ObjectNode see = root.putObject("vision_config");
        see.put("model_type", MODEL_TYPE)
                .put("hidden_act", "silu")
                .put("in_channels", 3)
                .put("in_chans", 3);
        see.put("depth", vision.depth()).put("hidden_size", vision.hidden());
        see.put("intermediate_size", vision.intermediate()).put("num_heads", vision.heads());
        see.put("out_hidden_size", hidden).put("patch_size", vision.patch());
        see.put("temporal_patch_size", vision.temporalPatch()).put("spatial_merge_size", vision.merge());
        see.put("spatial_patch_size", vision.patch()).put("window_size", vision.window());
        see.put("tokens_per_second", 2);
        fill(see.putArray("fullatt_block_indexes"), vision.fullAttention());
        try {
            Files.writeString(file, root.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void fill(ArrayNode array, List<Integer> values) {
        values.forEach(array::add);
    }

    private static void positive(String key, int value) {
        require(value > 0, key + " must be positive");
    }

    static void require(boolean holds, String message) {
        if (!holds) {
            throw new IllegalArgumentException(message);
        }
    }
}
