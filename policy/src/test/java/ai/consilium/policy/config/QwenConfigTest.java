package ai.consilium.policy.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.model.RandomModel;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The forms in which transformers 4 and 5 write config.json. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class QwenConfigTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final QwenConfig CONFIG = RandomModel.small();
    private static final List<String> OUTSIDE = List.of(
            "architectures",
            "model_type",
            "image_token_id",
            "vision_start_token_id",
            "vision_end_token_id",
            "video_token_id",
            "vision_config");

    @TempDir
    Path directory;

    private Path file;

    @BeforeEach
    void write() {
        file = directory.resolve("config.json");
        CONFIG.write(file);
    }

    private QwenConfig read(boolean head, Consumer<ObjectNode> change) throws IOException {
        ObjectNode root = (ObjectNode) JSON.readTree(file.toFile());
        change.accept(root);
        Files.writeString(file, root.toPrettyString());
        return QwenConfig.read(file, head);
    }

    /** Moves the decoder's keys to text_config, as transformers does from 4.52 on. */
    private static ObjectNode nest(ObjectNode root) {
        ObjectNode text = root.deepCopy();
        text.remove(OUTSIDE);
        text.put("model_type", "qwen2_5_vl_text");
        root.retain(OUTSIDE);
        root.set("text_config", text);
        return text;
    }

    private static void newRope(ObjectNode text) {
        ObjectNode rope = text.putObject("rope_parameters");
        rope.put("rope_type", "default").put("type", "default");
        rope.set("rope_theta", text.remove("rope_theta"));
        rope.set("mrope_section", text.path("rope_scaling").path("mrope_section"));
        text.remove("rope_scaling");
    }

    @Test
    void givenTheFileOfTransformers5WhenReadThenItIsTheSameModel() throws IOException {
        assertThat(read(false, root -> {
                    newRope(nest(root));
                    root.withObject("/vision_config/rope_parameters")
                            .put("rope_type", "axial")
                            .put("rope_theta", 10_000.0);
                }))
                .isEqualTo(CONFIG);
    }

    @Test
    void givenNullsOfAnOlderFormWhenReadThenTheyAreAbsent() throws IOException {
        assertThat(read(false, root -> {
                    newRope(root);
                    root.putNull("rope_scaling")
                            .putNull("rope_theta")
                            .putNull("head_dim")
                            .putNull("quantization_config");
                    root.putNull("text_config").putNull("sliding_window");
                }))
                .isEqualTo(CONFIG);
    }

    @Test
    void givenTheDecodersKeysTwiceWhenReadThenThoseOfTextConfigCount() throws IOException {
        assertThat(read(false, root -> {
                    JsonNode flat = root.deepCopy();
                    nest(root);
                    root.setAll((ObjectNode) flat);
                    root.put("vocab_size", 7).put("num_hidden_layers", 7);
                }))
                .isEqualTo(CONFIG);
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "true, -, true, true",
                "-, true, true, true",
                "-, true, false, true",
                "false, true, false, true",
                "-, -, false, true",
                "-, -, true, false",
                "false, -, true, false",
                "false, -, false, false",
                "false, false, false, false",
            })
    void givenTieWordEmbeddingsInEitherPlaceOrNowhereThenTheWeightsDecideTheRest(
            @org.jspecify.annotations.Nullable Boolean outer,
            @org.jspecify.annotations.Nullable Boolean inner,
            boolean head,
            boolean tied)
            throws IOException {
        assertThat(read(head, root -> {
                            nest(root).remove("tie_word_embeddings");
                            if (outer != null) {
                                root.put("tie_word_embeddings", outer);
                            }
                            if (inner != null) {
                                root.withObject("/text_config").put("tie_word_embeddings", inner);
                            }
                        })
                        .tied())
                .isEqualTo(tied);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "architectures = [\"Qwen2VLForConditionalGeneration\"]",
                "hidden_act = \"gelu\"",
                "vision_config.hidden_act = \"quick_gelu\"",
                "use_sliding_window = true",
                "layer_types = [\"full_attention\", \"sliding_attention\"]",
                "head_dim = 16",
                "quantization_config = {\"quant_method\": \"awq\", \"bits\": 4}",
                "rope_scaling.type = \"yarn\"",
                "rope_scaling.rope_type = \"dynamic\"",
                "rope_parameters.rope_type = \"longrope\"",
                "rope_parameters.type = \"linear\"",
                "vision_config.out_hidden_size = 64",
                "vision_config.in_channels = 1",
                "vision_config.rope_parameters.rope_theta = 500000.0",
                "vision_config.rope_parameters.rope_type = \"yarn\"",
            })
    void givenWhatWouldChangeTheLogitsWhenReadThenItIsRefusedByName(String change) throws IOException {
        String[] parts = change.split(" = ", 2);
        String pointer = "/" + parts[0].replace('.', '/');
        int last = pointer.lastIndexOf('/');
        JsonNode value = JSON.readTree(parts[1]);

        for (boolean nested : new boolean[] {false, true}) {
            write();
            boolean outside = OUTSIDE.stream().anyMatch(parts[0]::startsWith);
            assertThatThrownBy(() -> read(false, root -> {
                        ObjectNode place = nested && !outside ? nest(root) : root;
                        (last == 0 ? place : place.withObject(pointer.substring(0, last)))
                                .set(pointer.substring(last + 1), value);
                    }))
                    .as("%s, nested: %s", change, nested)
                    .isInstanceOf(ModelException.class)
                    .hasMessageStartingWith(file + ": " + parts[0])
                    .hasMessageNotContaining("\n");
        }
    }

    @Test
    void givenAFileThatContradictsItselfAboutTheHeadWhenReadThenItIsRefused() {
        assertThatThrownBy(() -> read(true, root -> {
                    nest(root);
                    root.put("tie_word_embeddings", false);
                }))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("tie_word_embeddings is false", "text_config", "lm_head.weight");
    }
}
