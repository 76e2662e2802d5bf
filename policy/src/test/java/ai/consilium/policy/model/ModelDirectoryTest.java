package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ModelDirectoryTest {
    @TempDir
    Path directory;

    @BeforeEach
    void create() throws IOException {
        RandomModel.create(directory, RandomModel.small(), 3);
    }

    private void refusedWith(String... parts) {
        assertThatThrownBy(() -> ModelDirectory.open(directory))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(parts)
                .hasMessageNotContaining("\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tokenizer.json", "config.json", "preprocessor_config.json", "model.safetensors"})
    void givenAMissingFileWhenOpenedThenItIsNamed(String file) throws IOException {
        Files.delete(directory.resolve(file));

        refusedWith("lacks " + file);
    }

    @Test
    void givenATruncatedFileWhenOpenedThenTheTensorIsNamed() throws IOException {
        Path weights = directory.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(bytes, bytes.length - 10));

        refusedWith("model.safetensors", "truncated", "visual.");
    }

    @Test
    void givenAnotherArchitectureWhenOpenedThenItIsNamed() throws IOException {
        Path config = directory.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("qwen2_5_vl", "llama"));

        refusedWith("config.json", "model_type is llama");
    }

    @Test
    void givenAWrongShapeWhenOpenedThenTensorAndShapesAreNamed() throws IOException {
        Path config = directory.resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replaceFirst("\"intermediate_size\" : 48", "\"intermediate_size\" : 64"));

        refusedWith("mlp.gate_proj.weight", "[48, 32]", "[64, 32]");
    }

    @Test
    void givenAMissingKeyWhenOpenedThenItIsNamed() throws IOException {
        Path config = directory.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("\"num_key_value_heads\" : 2,", ""));

        refusedWith("config.json", "lacks num_key_value_heads");
    }

    @Test
    void givenAMissingShardWhenOpenedThenItIsNamed() throws IOException {
        Path shards = directory.resolve("shards");
        Path from = ParityFixture.resource("two-images");
        Files.createDirectory(shards);
        for (String file : List.of("config.json", "tokenizer.json", "preprocessor_config.json")) {
            Files.copy(from.resolve(file), shards.resolve(file));
        }
        Files.copy(from.resolve("model.safetensors.index.json"), shards.resolve("model.safetensors.index.json"));

        assertThatThrownBy(() -> ModelDirectory.open(shards))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll(
                        "index.json", "names a shard model-00001-of-00006.safetensors that is missing");
    }

    @Test
    void givenWeightsInTwoFilesWhenReadThenTheyAreTheSame() throws IOException {
        Path weights = directory.resolve("model.safetensors");
        Safetensors whole = Safetensors.open(weights);
        TreeMap<String, HostTensor> first = new TreeMap<>();
        TreeMap<String, HostTensor> second = new TreeMap<>();
        StringBuilder map = new StringBuilder();
        for (String name : whole.shapes().keySet()) {
            boolean left = name.startsWith("model.");
            (left ? first : second).put(name, whole.tensor(name));
            map.append(map.isEmpty() ? "" : ",").append('"').append(name).append("\":\"");
            map.append(left ? "a.safetensors" : "b.safetensors").append('"');
        }
        Files.write(directory.resolve("a.safetensors"), Safetensors.write(first, Map.of()));
        Files.write(directory.resolve("b.safetensors"), Safetensors.write(second, Map.of()));
        Files.writeString(directory.resolve("model.safetensors.index.json"), "{\"weight_map\":{" + map + "}}");
        float[] expected = whole.tensor("visual.merger.mlp.0.weight").values();
        Files.delete(weights);

        ModelDirectory sharded = ModelDirectory.open(directory);

        assertThat(sharded.tensor("visual.merger.mlp.0.weight").values()).isEqualTo(expected);
    }

    @Test
    void givenAChangedFileWhenHashedThenTheNameOfTheBaseChanges() throws IOException {
        ModelDirectory model = ModelDirectory.open(directory);
        String before = model.hash();

        Files.writeString(directory.resolve("tokenizer.json"), " ", java.nio.file.StandardOpenOption.APPEND);

        assertThat(before).matches("[0-9a-f]{64}").isNotEqualTo(model.hash());
    }
}
