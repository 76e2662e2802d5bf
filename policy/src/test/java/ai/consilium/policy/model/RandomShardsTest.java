package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class RandomShardsTest {
    @TempDir
    Path directory;

    @Test
    void givenAShapeWhenWrittenInShardsThenItIsAModelWhoseWeightsAreSpreadAsThoseOfATrainedStart() throws IOException {
        RandomModel.create(directory, RandomModel.full(), 3);
        Files.delete(directory.resolve("model.safetensors"));

        RandomShards.write(directory, RandomModel.full(), 1, 500_000);

        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files.filter(file -> file.toString().endsWith(".safetensors")))
                    .hasSizeBetween(5, 9)
                    .allSatisfy(file -> assertThat(Files.size(file)).isLessThan(520_000));
        }
        ModelDirectory model = ModelDirectory.open(directory);
        assertThat(model.brief("model.embed_tokens.weight")).isTrue();
        assertThat(model.tensor("model.norm.weight").values()).containsOnly(1f);
        assertThat(model.tensor("model.layers.0.self_attn.k_proj.bias").values())
                .containsOnly(0f);
        double squares = 0;
        float[] embedding = model.tensor("model.embed_tokens.weight").values();
        for (float value : embedding) {
            squares += value * value;
        }
        assertThat(Math.sqrt(squares / embedding.length)).isCloseTo(0.05, within(0.001));
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute, Precision.BF16)) {
            assertThat(policy.parameters()).isEqualTo(1_279_776);
        }
    }
}
