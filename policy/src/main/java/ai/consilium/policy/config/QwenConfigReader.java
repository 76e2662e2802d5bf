package ai.consilium.policy.config;

import static ai.consilium.policy.config.QwenConfig.require;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.StreamSupport;

/**
 * Reads config.json in the forms that transformers has written over time: the decoder's keys at the root, or in {@code
 * text_config}, or in both; rotary settings as {@code rope_scaling} and {@code rope_theta}, or as {@code rope_parameters}. A
 * key that is null is absent. What would change the logits and is not built here is refused by name.
 */
final class QwenConfigReader {
    /** Ordinary frequencies; "mrope" says only that a rotation has three axes. */
    private static final Set<String> ROPE_TYPES = Set.of("default", "mrope");

    /** Of the vision tower: angles of row and column. */
    private static final Set<String> VISION_ROPE_TYPES = Set.of("default", "axial");

    private static final int VISION_THETA = 10_000;

    private static final String TIED = "tie_word_embeddings";
    private static final String TEXT = "text_config";
    private static final String VISION = "vision_config";

    private final JsonNode root;
    private final JsonNode text;
    private final boolean head;

    QwenConfigReader(JsonNode root, boolean head) {
        this.root = root;
        this.text = root.path(TEXT);
        this.head = head;
    }

    QwenConfig read() {
        String type = root.path("model_type").asText("none");
        require(type.equals(QwenConfig.MODEL_TYPE), "model_type is " + type + ", not " + QwenConfig.MODEL_TYPE);
        refuseOthers();
        JsonNode rope = rope();
        QwenConfig config = new QwenConfig(
                integer("vocab_size"),
                integer("hidden_size"),
                integer("intermediate_size"),
                integer("num_hidden_layers"),
                integer("num_attention_heads"),
                integer("num_key_value_heads"),
                required(find("rms_norm_eps"), "rms_norm_eps").asDouble(),
                theta(rope),
                integers(rope, "mrope_section"),
                tied(),
                token("image_token_id"),
                token("vision_start_token_id"),
                token("vision_end_token_id"),
                find("video_token_id").isMissingNode() ? OptionalInt.empty() : OptionalInt.of(token("video_token_id")),
                vision());
        same("head_dim", find("head_dim"), config.headDim(), "hidden_size / num_attention_heads");
        same(VISION + ".out_hidden_size", see("out_hidden_size"), config.hidden(), "hidden_size");
        return config;
    }

    private void refuseOthers() {
        JsonNode architectures = present(root, "architectures");
        require(
                architectures.isEmpty()
                        || StreamSupport.stream(architectures.spliterator(), false)
                                .anyMatch(name -> name.asText().equals(QwenConfig.ARCHITECTURE)),
                "architectures is " + architectures + ", not " + QwenConfig.ARCHITECTURE);
        require(
                find("quantization_config").isMissingNode(),
                "quantization_config: quantised weights are not supported; take the F32 or BF16 model");
        activation("hidden_act", find("hidden_act"));
        activation(VISION + ".hidden_act", see("hidden_act"));
        require(!find("use_sliding_window").asBoolean(false), "use_sliding_window is not supported");
        find("layer_types")
                .forEach(layer -> require(
                        layer.asText().equals("full_attention"),
                        "layer_types: " + layer.asText() + " is not supported"));
        JsonNode rope = see("rope_parameters");
        refuseScaled(VISION + ".rope_parameters", rope, VISION_ROPE_TYPES);
        same(VISION + ".rope_parameters.rope_theta", present(rope, "rope_theta"), VISION_THETA, "its base");
        same(VISION + ".in_channels", see("in_channels"), 3, "the channels of an image");
        same(VISION + ".in_chans", see("in_chans"), 3, "the channels of an image");
    }

    private static void activation(String key, JsonNode value) {
        require(value.isMissingNode() || value.asText().equals("silu"), key + " is " + value.asText() + ", not silu");
    }

    private static void same(String key, JsonNode value, int expected, String what) {
        require(
                value.isMissingNode() || value.asInt() == expected,
                key + " is " + value.asText() + "; only " + what + " = " + expected + " is supported");
    }

    /** The newer key is what transformers reads where a file has both; a type that changes the frequencies is refused in either. */
    private JsonNode rope() {
        JsonNode scaling = find("rope_scaling");
        JsonNode parameters = find("rope_parameters");
        refuseScaled("rope_scaling", scaling, ROPE_TYPES);
        refuseScaled("rope_parameters", parameters, ROPE_TYPES);
        JsonNode rope = parameters.path("mrope_section").isMissingNode() ? scaling : parameters;
        require(!rope.isMissingNode(), "lacks rope_scaling, or rope_parameters, with mrope_section");
        return rope;
    }

    private static void refuseScaled(String key, JsonNode rope, Set<String> known) {
        for (String name : List.of("rope_type", "type")) {
            JsonNode type = present(rope, name);
            require(
                    type.isMissingNode() || known.contains(type.asText()),
                    key + "." + name + " is " + type.asText() + ", which changes what the model computes and is not"
                            + " supported; without it the model is as it was trained");
        }
        JsonNode part = present(rope, "partial_rotary_factor");
        require(part.isMissingNode() || part.asDouble() == 1, key + ".partial_rotary_factor is not supported");
    }

    private double theta(JsonNode rope) {
        JsonNode own = present(find("rope_parameters"), "rope_theta");
        JsonNode theta = !own.isMissingNode() ? own : find("rope_theta");
        return required(theta.isMissingNode() ? present(rope, "rope_theta") : theta, "rope_theta")
                .asDouble();
    }

    /** A file that contradicts itself is read as tied only where there is nothing else to read. */
    private boolean tied() {
        JsonNode outer = present(root, TIED);
        JsonNode inner = present(text, TIED);
        if (outer.isMissingNode() && inner.isMissingNode()) {
            return !head;
        }
        require(
                !head || outer.isMissingNode() || inner.isMissingNode() || outer.asBoolean() == inner.asBoolean(),
                TIED + " is " + outer + ", but " + TEXT + "." + TIED + " is " + inner
                        + ", and the weights hold lm_head.weight: set both to what is meant");
        return outer.asBoolean(false) || inner.asBoolean(false);
    }

    private QwenConfig.Vision vision() {
        required(present(root, VISION), VISION);
        return new QwenConfig.Vision(
                seen("depth"),
                seen("hidden_size"),
                seen("intermediate_size"),
                seen("num_heads"),
                seen("patch_size"),
                seen("temporal_patch_size"),
                seen("spatial_merge_size"),
                seen("window_size"),
                integers(root.path(VISION), "fullatt_block_indexes"));
    }

    private JsonNode see(String key) {
        return present(root.path(VISION), key);
    }

    private int seen(String key) {
        return integer(VISION + "." + key, see(key));
    }

    private int integer(String key) {
        return integer(key, find(key));
    }

    /** Ids belong to the root; files of some versions have them with the decoder only. */
    private int token(String key) {
        JsonNode outer = present(root, key);
        return integer(key, outer.isMissingNode() ? present(text, key) : outer);
    }

    private JsonNode find(String key) {
        JsonNode inner = present(text, key);
        return inner.isMissingNode() ? present(root, key) : inner;
    }

    private static JsonNode present(JsonNode node, String key) {
        JsonNode value = node.path(key);
        return value.isNull() ? MissingNode.getInstance() : value;
    }

    private static JsonNode required(JsonNode value, String key) {
        require(!value.isMissingNode(), "lacks " + key);
        return value;
    }

    private static int integer(String key, JsonNode value) {
        require(required(value, key).isInt(), key + " must be a whole number");
        return value.asInt();
    }

    private static List<Integer> integers(JsonNode node, String key) {
        List<Integer> values = new ArrayList<>();
        required(present(node, key), key).forEach(value -> values.add(value.asInt()));
        return values;
    }
}
