package ai.consilium.policy.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class AdapterTest {
    @TempDir
    Path directory;

    private ModelDirectory model;

    @BeforeEach
    void create() throws IOException {
        model = RandomModel.create(directory.resolve("model"), RandomModel.small(), 3);
    }

    private static void assertSame(Adapter actual, Adapter expected) {
        assertThat(actual.rank()).isEqualTo(expected.rank());
        assertThat(actual.alpha()).isEqualTo(expected.alpha());
        assertThat(actual.targets()).isEqualTo(expected.targets());
        assertThat(actual.hash()).isEqualTo(expected.hash());
    }

    private static HostTensor tensor(Adapter adapter, String name) {
        return Objects.requireNonNull(adapter.tensors().get("base_model.model.model.layers." + name));
    }

    @Test
    void givenAnInitialAdapterThenBIsZeroAndNamesArePeftsOwn() {
        Adapter adapter = Adapter.initial(model, 4, 8, List.of("q_proj", "down_proj"), 5);

        assertThat(adapter.tensors()).hasSize(2 * 2 * 2);
        assertThat(tensor(adapter, "1.mlp.down_proj.lora_A.weight").shape()).containsExactly(4, 48);
        assertThat(tensor(adapter, "0.self_attn.q_proj.lora_B.weight").values()).containsOnly(0f);
        assertThat(adapter.hash())
                .isEqualTo(Adapter.initial(model, 4, 8, List.of("q_proj", "down_proj"), 5)
                        .hash())
                .isNotEqualTo(Adapter.initial(model, 4, 8, List.of("q_proj", "down_proj"), 6)
                        .hash());
    }

    @Test
    void givenAnAdapterWhenWrittenAndReadThenItIsTheSameBitForBit() {
        Adapter adapter = RandomModel.adapter(model, 4, 9);

        assertSame(Adapter.fromSafetensors(adapter.toSafetensors(), "version 3"), adapter);
        adapter.writePeft(directory.resolve("peft"), "models/tiny", model.hash(), "# A card\n");
        assertSame(Adapter.readPeft(directory.resolve("peft")), adapter);
        assertThat(directory.resolve("peft/README.md")).content().contains("base_model: models/tiny", "# A card");
        assertSame(Adapter.readPeft(directory.resolve("peft"), model), adapter);
    }

    @Test
    void givenBrokenBytesWhenReadThenTheyAreRefusedByName() throws IOException {
        byte[] file = RandomModel.adapter(model, 4, 9).toSafetensors();

        assertThatThrownBy(() -> Adapter.fromSafetensors(Arrays.copyOf(file, file.length / 2), "pediatrics version 3"))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("pediatrics version 3")
                .hasMessageContaining("truncated");
        Path empty = Files.createDirectories(directory.resolve("empty"));
        assertThatThrownBy(() -> Adapter.readPeft(empty))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("lacks adapter_config.json");
    }

    @Test
    void givenAnAdapterForAnotherBaseWhenReadThenItIsRefusedByName() throws IOException {
        Path peft = directory.resolve("peft");
        ModelDirectory likewise = RandomModel.create(directory.resolve("likewise"), RandomModel.small(), 4);
        ModelDirectory larger = RandomModel.create(directory.resolve("larger"), RandomModel.full(), 3);

        RandomModel.adapter(model, 4, 9).writePeft(peft, "models/tiny", model.hash(), "");
        assertThatThrownBy(() -> Adapter.readPeft(peft, likewise))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("peft: made for another base than", "likewise", "base_hash", model.hash());

        RandomModel.adapter(model, 4, 9).writePeft(peft, "models/tiny", larger.hash(), "");
        assertThatThrownBy(() -> Adapter.readPeft(peft, larger))
                .isInstanceOf(ModelException.class)
                .hasMessageContainingAll("peft: made for another base than", "larger", "tensors, the model needs");
    }

    @Test
    void givenAnAdapterMergedInThenTheNewModelAnswersAsBaseAndAdapterDo() throws Exception {
        Path out = directory.resolve("merged");
        Adapter adapter = RandomModel.adapter(model, 4, 9);
        MergedDirectory.write(model, adapter, out, "card");
        EncodedPrompt prompt = RandomModel.prompt(model, directory, 6, 1);
        Sampler.Group group = new Sampler.Group(prompt, List.of(new int[0]), 0);
        List<float[]> logprobs = new ArrayList<>();
        try (Compute compute = new Compute(1)) {
            for (ModelDirectory one : List.of(model, ModelDirectory.open(out))) {
                Adapter own = one.path().equals(out) ? null : adapter;
                try (PolicyModel policy = PolicyModel.load(one, compute);
                        Sampler sampler = new Sampler(policy, compute)) {
                    logprobs.add(
                            sampler.sample(own, List.of(group), new Sampler.Settings(0, 8), Compute.Urgency.EVALUATE)
                                    .get(0)
                                    .get(0)
                                    .logprobs());
                }
            }
        }
        assertThat(logprobs.get(1)).containsExactly(logprobs.get(0), within(1e-4f));
        assertThat(out.resolve("README.md")).hasContent("card");
    }

    @Test
    void givenAnUnknownTargetThenItIsNamed() {
        assertThatThrownBy(() -> Adapter.initial(model, 4, 8, List.of("qkv"), 5))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("qkv");
    }
}
