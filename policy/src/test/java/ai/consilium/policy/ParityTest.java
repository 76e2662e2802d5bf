package ai.consilium.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Numbers of Hugging Face transformers and PEFT, made by tests/parity/make_policy_fixture.py. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class ParityTest {
    private static final float TOLERANCE = 1e-4f;

    private Path directory;
    private JsonNode fixture;
    private ModelDirectory model;
    private EncodedPrompt prompt;
    private int[] following;

    @BeforeEach
    void read() throws Exception {
        directory = resources();
        fixture = new ObjectMapper().readTree(directory.resolve("fixture.json").toFile());
        model = ModelDirectory.open(directory);
        int[] tokens = new int[fixture.path("input_ids").size()];
        Arrays.setAll(tokens, i -> fixture.path("input_ids").path(i).asInt());
        int cut = fixture.path("prompt_tokens").asInt();
        JsonNode grid = fixture.path("grid");
        prompt = new EncodedPrompt(
                Arrays.copyOf(tokens, cut),
                List.of(new ImageProcessor.Pixels(
                        floats(fixture.path("pixel_values")),
                        grid.path(0).asInt(),
                        grid.path(1).asInt(),
                        grid.path(2).asInt())));
        following = Arrays.copyOfRange(tokens, cut, tokens.length);
    }

    private static Path resources() throws URISyntaxException {
        Path file = Path.of(Objects.requireNonNull(ParityTest.class.getResource("/parity/fixture.json"))
                .toURI());
        return Objects.requireNonNull(file.getParent());
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    /** Logits from the prompt's last token on. */
    private float[] logits(PolicyModel policy, @Nullable Adapter adapter, Scope scope) {
        Script script = policy.script();
        List<Tensor> weights = policy.weights().decoder();
        PackedBatch packed =
                PackedBatch.of(model.config(), List.of(new PackedBatch.Group(prompt, List.of(following))), false);
        DeviceBatch device = DeviceBatch.of(policy, policy.weights(), List.of(prompt), packed, scope);
        ResidentAdapter resident = adapter == null ? null : ResidentAdapter.load(adapter, model.config(), scope);
        List<Tensor> lora =
                resident == null ? List.of() : script.call(scope, "fuse", resident.a(), resident.b(), resident.scale());
        Tensor hidden = script.call(
                        scope,
                        "hidden_states",
                        device.embedded(),
                        device.valid(),
                        device.turned().cos(),
                        device.turned().sin(),
                        device.group(),
                        device.tokens(),
                        device.sampleValid(),
                        device.sampleTurned().cos(),
                        device.sampleTurned().sin(),
                        weights,
                        lora)
                .get(0);
        return script.call(scope, "head", hidden, weights).get(0).floats();
    }

    @Test
    void givenAnImageToResizeThenThePatchesAreTheReferences() {
        ImageProcessor.Pixels pixels = model.images().process(directory.resolve("image.png"));

        assertThat(pixels.gridT()).isEqualTo(prompt.images().get(0).gridT());
        assertThat(pixels.gridH()).isEqualTo(prompt.images().get(0).gridH());
        assertThat(pixels.gridW()).isEqualTo(prompt.images().get(0).gridW());
        assertThat(pixels.patches()).containsExactly(prompt.images().get(0).patches(), within(1e-5f));
    }

    @Test
    void givenImageAndTextThenLogitsAreTheReferences() throws Exception {
        Adapter adapter = Adapter.readPeft(directory);
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute)) {
            compute.call(Compute.Urgency.EVALUATE, () -> {
                try (Scope scope = Scope.open()) {
                    assertThat(logits(policy, null, scope))
                            .containsExactly(floats(fixture.path("logits")), within(TOLERANCE));
                    assertThat(logits(policy, adapter, scope))
                            .containsExactly(floats(fixture.path("adapted_logits")), within(TOLERANCE));
                }
                return true;
            });
        }
    }

    @Test
    void givenASupervisedLossThenLossAndGradientsAreTheReferences() throws Exception {
        Adapter adapter = Adapter.readPeft(directory);
        Trainer.Group group = new Trainer.Example(prompt, new int[0], following).group();
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute)) {
            compute.call(Compute.Urgency.TRAIN, () -> {
                try (Scope scope = Scope.open()) {
                    ResidentAdapter resident = ResidentAdapter.load(adapter, model.config(), scope);
                    resident.leaves().forEach(Tensor::requireGradient);
                    Gradients.Result result = new Gradients(policy, policy.weights(), resident, resident.leaves())
                            .supervised(List.of(group), following.length, scope);
                    assertThat(result.loss())
                            .isCloseTo(fixture.path("adapted_loss").asDouble(), within(1e-4));
                    for (int i = 0; i < resident.names().size(); i++) {
                        String name = resident.names().get(i);
                        assertThat(result.gradients().get(i).floats())
                                .as(name)
                                .containsExactly(
                                        floats(fixture.path("gradients").path(name)), within(TOLERANCE));
                    }
                }
                return true;
            });
        }
    }
}
