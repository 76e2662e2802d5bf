package ai.consilium.policy.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.PeftDirectory;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.batch.DeviceBatch;
import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.input.ImageProcessor;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.training.GradientAccumulator;
import ai.consilium.policy.training.Trainer;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The same numbers as Hugging Face transformers and PEFT, in float32. */
@Timeout(120)
class ParityTest {
    private static final String[] MODELS = ParityFixture.NAMES;
    private static final double TOLERANCE = 1e-4;
    /** A level of 255, over the smallest deviation of a channel: what it changes at most. */
    private static final float LEVEL = 1f / 255 / 0.2613f;

    private static void assertClose(String what, float[] actual, float[] expected) {
        ParityFixture.assertClose(what, actual, expected, TOLERANCE);
    }

    private static void assertSameLevels(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        float difference = 0;
        for (int i = 0; i < expected.length; i++) {
            difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
        }
        assertThat(difference / LEVEL).as("levels of 255").isLessThanOrEqualTo(1.01f);
    }

    private interface Work {
        void with(PolicyModel model, Compute compute, Scope scope) throws Exception;
    }

    private static void run(ParityFixture reference, Work work) throws Exception {
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(reference.model(), compute)) {
            compute.call(Compute.Urgency.EVALUATE, () -> {
                try (Scope scope = Scope.open()) {
                    work.with(policy, compute, scope);
                }
                return true;
            });
        }
    }

    private static DeviceBatch batch(ParityFixture reference, PolicyModel policy, Scope scope) {
        EncodedPrompt prompt = reference.prompt();
        PackedBatch packed = PackedBatch.of(
                policy.config(),
                List.of(new PackedBatch.Group(prompt, List.of(reference.integers("completion")))),
                false);
        return DeviceBatch.of(policy, policy.weights(), List.of(prompt), packed, scope);
    }

    /** Logits from the prompt's last token on. */
    private static float[] logits(
            PolicyModel policy, DeviceBatch device, @Nullable ResidentAdapter adapter, Scope scope) {
        Script script = policy.script();
        List<Tensor> weights = policy.weights().decoder();
        List<Tensor> lora = adapter == null ? List.of() : adapter.fused(policy, scope);
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

    /** What stands at the image tokens of the embedded prompt. */
    private static float[] features(ParityFixture reference, DeviceBatch device) {
        int[] tokens = reference.integers("prompt");
        int hidden = reference.model().config().hidden();
        float[] embedded = device.embedded().floats();
        List<float[]> rows = new ArrayList<>();
        for (int i = 0; i < tokens.length - 1; i++) {
            if (tokens[i] == reference.model().config().imageToken()) {
                rows.add(Arrays.copyOfRange(embedded, i * hidden, (i + 1) * hidden));
            }
        }
        float[] features = new float[rows.size() * hidden];
        for (int i = 0; i < rows.size(); i++) {
            System.arraycopy(rows.get(i), 0, features, i * hidden, hidden);
        }
        return features;
    }

    @ParameterizedTest
    @ValueSource(strings = {"one-image", "two-images"})
    void givenAModelsPicturesThenPatchesAndGridsAreTheReferences(String name) {
        ParityFixture reference = ParityFixture.read(name);
        float[] expected = reference.expected("pixel_values");
        int from = 0;
        for (int i = 0; i < reference.pixels().size(); i++) {
            ImageProcessor.Pixels seen = reference.pixels().get(i);
            assertThat(new int[] {seen.gridT(), seen.gridH(), seen.gridW()})
                    .containsExactly(new ObjectMapper()
                            .convertValue(reference.fixture().path("grids").path(i), int[].class));
            int end = from + seen.patches().length;
            assertSameLevels(seen.patches(), Arrays.copyOfRange(expected, from, end));
            from = end;
        }
        assertThat(from).isEqualTo(expected.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"shrink", "grow", "as-it-is", "grey", "palette", "clear"})
    void givenPicturesOfEveryKindThenTheyAreResizedAsPillowDoes(String name) throws IOException {
        Path directory = ParityFixture.resource("images");
        ImageProcessor images = ImageProcessor.read(directory.resolve("preprocessor_config.json"));
        ImageProcessor.Pixels actual = images.process(directory.resolve(name + ".png"), ImageSettings.of(1_000_000));
        BufferedImage seen = Objects.requireNonNull(
                ImageIO.read(directory.resolve(name + "-seen.png").toFile()));
        ImageProcessor.Pixels expected = images.process(seen, name);

        assertThat(actual.gridH()).isEqualTo(seen.getHeight() / 14).isEqualTo(expected.gridH());
        assertThat(actual.gridW()).isEqualTo(seen.getWidth() / 14).isEqualTo(expected.gridW());
        assertSameLevels(actual.patches(), expected.patches());
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void givenAPromptThenFeaturesAndLogitsAreTheReferencesWithAndWithoutAdapter(String name) throws Exception {
        ParityFixture reference = ParityFixture.read(name);
        run(reference, (policy, compute, scope) -> {
            DeviceBatch device = batch(reference, policy, scope);
            if (!reference.pixels().isEmpty()) {
                assertClose("features", features(reference, device), reference.expected("features"));
            }
            ResidentAdapter adapter = ResidentAdapter.load(reference.adapter(), policy.config(), scope);
            assertClose("logits", logits(policy, device, null, scope), reference.expected("logits"));
            assertClose("adapted logits", logits(policy, device, adapter, scope), reference.expected("adapted_logits"));
        });
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void givenASupervisedLossThenItAndEveryGradientAreTheReferences(String name) throws Exception {
        ParityFixture reference = ParityFixture.read(name);
        int[] completion = reference.integers("completion");
        Trainer.Group group = new Trainer.Example(reference.prompt(), new int[0], completion).group();
        run(reference, (policy, compute, scope) -> {
            ResidentAdapter resident = ResidentAdapter.load(reference.adapter(), policy.config(), scope);
            resident.leaves().forEach(Tensor::requireGradient);
            GradientAccumulator.Result result = new GradientAccumulator(
                            policy, policy.weights(), resident, resident.leaves())
                    .supervised(List.of(group), completion.length, scope);
            assertThat(result.loss())
                    .isCloseTo(reference.fixture().path("adapted_loss").asDouble(), within(TOLERANCE));
            assertThat(reference.expected().shapes().keySet().stream().filter(key -> key.startsWith("gradient.")))
                    .hasSameSizeAs(resident.names());
            for (int i = 0; i < resident.names().size(); i++) {
                String parameter = PeftDirectory.nested(resident.names().get(i));
                assertClose(parameter, result.gradients().get(i).floats(), reference.expected("gradient." + parameter));
            }
        });
    }

    @ParameterizedTest
    @FieldSource("MODELS")
    void givenGreedyDecodingThenTheContinuationIsTheReferences(String name) throws Exception {
        ParityFixture reference = ParityFixture.read(name);
        run(reference, (policy, compute, scope) -> {
            try (Sampler sampler = new Sampler(policy, compute)) {
                assertThat(continued(reference, sampler, null)).containsExactly(reference.integers("greedy"));
                assertThat(continued(reference, sampler, reference.adapter()))
                        .containsExactly(reference.integers("adapted_greedy"));
            }
        });
    }

    private static int[] continued(ParityFixture reference, Sampler sampler, @Nullable Adapter adapter)
            throws InterruptedException {
        Sampler.Group group = new Sampler.Group(reference.prompt(), List.of(new int[0]), 0);
        Sampler.Settings settings = new Sampler.Settings(0, reference.integers("greedy").length);
        return sampler.sample(adapter, List.of(group), settings, Compute.Urgency.EVALUATE)
                .get(0)
                .get(0)
                .tokens();
    }
}
