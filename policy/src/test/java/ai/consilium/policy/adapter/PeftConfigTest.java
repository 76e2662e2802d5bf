package ai.consilium.policy.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.RandomModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters that were trained elsewhere: what their adapter_config.json asks for is done, or refused by name. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class PeftConfigTest {
    @TempDir
    Path directory;

    private ModelDirectory model;

    @BeforeEach
    void create() throws IOException {
        model = RandomModel.create(directory.resolve("model"), RandomModel.small(), 3);
    }

    private Path changed(String... fields) throws IOException {
        Path peft = directory.resolve("peft");
        RandomModel.adapter(model, 4, 9).writePeft(peft, "models/tiny", model.hash(), "");
        Path config = peft.resolve("adapter_config.json");
        String written = Files.readString(config).strip();
        Files.writeString(config, written.substring(0, written.length() - 1) + ", " + String.join(", ", fields) + "}");
        return peft;
    }

    /** scale · B · A of a module. */
    private static float[] update(Adapter adapter, String module) {
        HostTensor a = Objects.requireNonNull(adapter.tensors().get("base_model.model." + module + ".lora_A.weight"));
        HostTensor b = Objects.requireNonNull(adapter.tensors().get("base_model.model." + module + ".lora_B.weight"));
        int rank = (int) a.shape()[0];
        int in = (int) a.shape()[1];
        float[] update = new float[(int) b.shape()[0] * in];
        for (int i = 0; i < update.length; i++) {
            double sum = 0;
            for (int k = 0; k < rank; k++) {
                sum += (double) b.values()[i / in * rank + k] * a.values()[k * in + i % in];
            }
            update[i] = (float) (adapter.scale() * sum);
        }
        return update;
    }

    @Test
    void givenScalesThatDifferByModuleWhenReadThenEachUpdateIsAsPeftScalesIt() throws IOException {
        Adapter plain = RandomModel.adapter(model, 4, 9); // alpha 8: scale 2
        Adapter said =
                Adapter.readPeft(changed("\"alpha_pattern\": {}, \"rank_pattern\": {}, \"modules_to_save\": null"));
        assertThat(said.alpha()).isEqualTo(plain.alpha());
        assertThat(said.hash()).isEqualTo(plain.hash());

        Adapter read = Adapter.readPeft(changed("\"alpha_pattern\": {\"layers.1.self_attn.q_proj\": 64,"
                + " \"^model.language_model.layers.0.*.v_proj\": 2, \"q_proj\": 4}"));
        Map<String, Double> factors = Map.of(
                "model.layers.1.self_attn.q_proj", 8.0,
                "model.layers.0.self_attn.q_proj", 0.5,
                "model.layers.0.self_attn.v_proj", 0.25,
                "model.layers.1.self_attn.v_proj", 1.0,
                "model.layers.1.mlp.down_proj", 1.0);
        factors.forEach((module, factor) -> {
            float[] expected = update(plain, module);
            for (int i = 0; i < expected.length; i++) {
                expected[i] *= factor.floatValue();
            }
            assertThat(update(read, module)).as(module).containsExactly(expected, within(1e-6f));
        });
        assertThat(read.hash())
                .isEqualTo(Adapter.readPeft(directory.resolve("peft"), model).hash());
    }

    @Test
    void givenRanksThatDifferByModuleWhenReadThenTheyAreOneRankAndTheSameUpdates() throws IOException {
        Adapter wide = RandomModel.adapter(model, 4, 9);
        Adapter narrow = RandomModel.adapter(model, 2, 8);
        SortedMap<String, HostTensor> mixed = new TreeMap<>(wide.tensors());
        narrow.tensors().forEach((name, tensor) -> {
            if (name.contains("o_proj")) {
                mixed.put(name, tensor);
            }
        });
        Path peft = changed("\"rank_pattern\": {\"o_proj\": 2}, \"use_rslora\": true");
        Files.write(peft.resolve("adapter_model.safetensors"), Safetensors.write(mixed, Map.of()));

        Adapter read = Adapter.readPeft(peft, model);

        assertThat(read.rank()).isEqualTo(4);
        // Rank-stabilised: 8 / sqrt(4) and 8 / sqrt(2) instead of 8 / 4 and 4 / 2.
        String narrower = "model.layers.0.self_attn.o_proj";
        float[] expected = update(narrow, narrower);
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= (float) (8 / Math.sqrt(2) / 2);
        }
        assertThat(update(read, narrower)).containsExactly(expected, within(1e-6f));
        String wider = "model.layers.0.mlp.up_proj";
        expected = update(wide, wider);
        for (int i = 0; i < expected.length; i++) {
            expected[i] *= 2;
        }
        assertThat(update(read, wider)).containsExactly(expected, within(1e-6f));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "use_dora = true",
                "fan_in_fan_out = true",
                "modules_to_save = [\"lm_head\"]",
                "layers_to_transform = [0]",
                "lora_bias = true",
                "bias = \"all\"",
                "init_lora_weights = \"pissa_niter_4\"",
                "rank_pattern = {\"q_proj\": 8}",
                "rank_pattern = {\"q_proj\": \"many\"}",
                "alpha_pattern = {\"q_proj(\": 8}",
            })
    void givenAnAdapterThatComputesSomethingElseWhenReadThenItIsRefusedByName(String field) throws IOException {
        String[] parts = field.split(" = ", 2);
        Path peft = changed("\"" + parts[0] + "\": " + parts[1]);

        assertThatThrownBy(() -> Adapter.readPeft(peft))
                .isInstanceOf(ModelException.class)
                .hasMessageStartingWith(peft.resolve("adapter_config.json") + ": ")
                .hasMessageContaining(parts[0].replace("rank_pattern", "rank").replace("alpha_pattern", "alpha"))
                .hasMessageNotContaining("\n");
    }
}
