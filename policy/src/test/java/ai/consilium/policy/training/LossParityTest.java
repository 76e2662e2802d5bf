package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.batch.PackedBatch;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Script;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import ai.consilium.policy.training.PolicyLoss.Averaging;
import ai.consilium.policy.training.PolicyLoss.Bounds;
import ai.consilium.policy.training.PolicyLoss.Correction;
import ai.consilium.policy.training.PolicyLoss.Level;
import ai.consilium.policy.training.PolicyLoss.Surrogate;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Numbers of TRL, verl, AReaL and torch.optim, made by tests/parity/make_loss_fixture.py. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class LossParityTest {
    private static final double LOSS_TOLERANCE = 1e-5;
    private static final float OPTIMISER_TOLERANCE = 1e-6f;

    @TempDir
    Path directory;

    private JsonNode fixture;
    private Compute compute;
    private PolicyModel policy;
    private Script script;

    @BeforeEach
    void read() throws IOException {
        try (InputStream in = Objects.requireNonNull(LossParityTest.class.getResourceAsStream("/parity/losses.json"))) {
            fixture = new ObjectMapper().readTree(in);
        }
        compute = new Compute(1);
        policy = PolicyModel.load(RandomModel.create(directory, RandomModel.small(), 3), compute);
        script = policy.script();
    }

    @AfterEach
    void close() {
        policy.close();
        compute.close();
    }

    private static float[] floats(JsonNode array) {
        float[] values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) array.get(i).asDouble();
        }
        return values;
    }

    private float[] input(String name) {
        return floats(fixture.path("inputs").path(name));
    }

    /** The inputs as the trainer would lay them out; what only the model needs is empty. */
    private LossBatch batch() {
        float[] lengths = input("lengths");
        float[] advantages = input("advantage");
        int count = input("logp").length;
        float[] advantage = new float[count];
        float[] onPolicy = new float[count];
        long[] sequence = new long[count];
        int[] sizes = new int[lengths.length];
        int at = 0;
        for (int i = 0; i < lengths.length; i++) {
            sizes[i] = (int) lengths[i];
            Arrays.fill(advantage, at, at + sizes[i], advantages[i]);
            Arrays.fill(sequence, at, at + sizes[i], i);
            at += sizes[i];
        }
        PackedBatch.Rows none = PackedBatch.Rows.empty(0, 0);
        return new LossBatch(
                List.of(),
                new PackedBatch(none, none, new long[0], new long[0], new long[0]),
                new long[count],
                new long[count],
                new float[count],
                input("behaviour"),
                advantage,
                onPolicy,
                sequence,
                sizes);
    }

    private PolicyLoss loss(JsonNode of) {
        JsonNode bounds = of.path("bounds");
        double cap = fixture.path("inputs").path("cap").asDouble();
        Surrogate surrogate = switch (of.path("surrogate").asText()) {
            case "token_clip" ->
                new Surrogate.TokenClip(
                        bounds.path(0).asDouble(), bounds.path(1).asDouble());
            case "sequence_clip" ->
                new Surrogate.SequenceClip(
                        bounds.path(0).asDouble(), bounds.path(1).asDouble());
            default -> new Surrogate.WeightedLogprob(bounds.path(0).asDouble());
        };
        Averaging averaging = switch (of.path("averaging").asText()) {
            case "tokens" -> new Averaging.Tokens();
            case "sequences" -> new Averaging.Sequences();
            default ->
                new Averaging.FixedLength(
                        fixture.path("inputs").path("max_length").asInt());
        };
        Bounds within = new Bounds(
                Level.valueOf(of.path("is_level").asText().toUpperCase(Locale.ROOT)),
                of.path("is_low").asDouble(),
                cap);
        Correction correction = switch (of.path("correction").asText()) {
            case "truncate" -> new Correction.Truncate(within);
            case "mask" -> new Correction.Mask(within);
            default -> new Correction.Ignore(within);
        };
        return new PolicyLoss(
                surrogate, averaging, correction, of.path("kl_coef").asDouble());
    }

    private record Found(double loss, float[] gradient, Map<String, Double> figures) {}

    /** A first pass at the policy before the step, then one at the policy of the step, whose loss and gradient count. */
    private Found compute(PolicyLoss loss) {
        LossBatch batch = batch();
        PolicyLoss.Totals totals = new PolicyLoss.Totals(batch.lengths().length, batch.at().length);
        PolicyObjective first = new PolicyObjective(script, loss, totals, null);
        if (loss.klCoef() > 0) {
            first.anchor(0, input("reference"));
        }
        try (Scope scope = Scope.open()) {
            Tensor entropy = scope.floats(input("entropy"), batch.at().length);
            Tensor before = scope.floats(input("old"), batch.at().length);
            Tensor unused = first.of(0, List.of(before, entropy), batch, scope);
            Map<String, Double> sampled = first.sums().figures(1);
            Tensor logp = scope.floats(input("logp"), batch.at().length).requireGradient();
            List<Tensor> result = TorchRuntime.recorded(() -> {
                Tensor value = first.of(0, List.of(logp, entropy), batch, scope);
                List<Tensor> both = new ArrayList<>(script.call(scope, "gradients", value, List.of(logp)));
                both.add(value);
                return both;
            });
            Map<String, Double> figures = new TreeMap<>(first.sums().figures(1));
            // both passes are in the sums; the first one's share is known
            figures.replaceAll(
                    (name, value) -> name.startsWith("rollout_corr") ? value : value - sampled.getOrDefault(name, 0.0));
            figures.put(
                    "clip_ratio/region_mean",
                    figures.getOrDefault("clip_ratio/low_mean", Double.NaN)
                            + figures.getOrDefault("clip_ratio/high_mean", Double.NaN));
            figures.put(
                    "outside_fraction",
                    figures.getOrDefault("rollout_corr/rollout_is_ratio_fraction_low", Double.NaN)
                            + figures.getOrDefault("rollout_corr/rollout_is_ratio_fraction_high", Double.NaN));
            return new Found(result.get(1).scalar(), result.get(0).floats(), figures);
        }
    }

    @Test
    void givenTheSameLogProbabilitiesThenLossesGradientsAndFiguresAreTheReferences() throws Exception {
        SoftAssertions softly = new SoftAssertions();
        compute.call(Compute.Urgency.TRAIN, () -> {
            for (JsonNode expected : fixture.path("cases")) {
                Found found = compute(loss(expected));
                String name = expected.path("name").asText();
                softly.assertThat(found.loss())
                        .as(name)
                        .isCloseTo(expected.path("loss").asDouble(), within(LOSS_TOLERANCE));
                softly.assertThat(found.gradient())
                        .as(name)
                        .containsExactly(floats(expected.path("gradient")), within((float) LOSS_TOLERANCE));
                expected.path("figures")
                        .properties()
                        .forEach(figure -> softly.assertThat(found.figures().get(figure.getKey()))
                                .as(name + ": " + figure.getKey())
                                .isCloseTo(figure.getValue().asDouble(), within(LOSS_TOLERANCE)));
            }
            return true;
        });
        softly.assertAll();
        assertThat(fixture.path("cases").size()).isGreaterThan(85);
    }

    @Test
    void givenWhatAnOlderPolicySampledThenTheMismatchIsTheReferences() throws Exception {
        double cap = fixture.path("inputs").path("cap").asDouble();
        Map<String, Double> figures = compute.call(
                Compute.Urgency.TRAIN,
                () -> compute(PolicyLoss.dapo(0.2, 0.28, new Correction.Truncate(Bounds.upTo(cap)), 0))
                        .figures());

        fixture.path("mismatch")
                .properties()
                .forEach(figure -> assertThat(figures.get(figure.getKey()))
                        .as(figure.getKey())
                        .isCloseTo(figure.getValue().asDouble(), within(LOSS_TOLERANCE)));
    }

    @Test
    void givenFiftyStepsThenParametersAndMomentsAreTorchs() throws Exception {
        JsonNode run = fixture.path("adamw");
        JsonNode given = run.path("settings");
        Trainer.Optimiser settings = new Trainer.Optimiser(
                given.path("beta1").asDouble(),
                given.path("beta2").asDouble(),
                given.path("epsilon").asDouble(),
                given.path("weight_decay").asDouble(),
                given.path("clip_norm").asDouble());
        compute.call(Compute.Urgency.TRAIN, () -> {
            try (Scope scope = Scope.open()) {
                List<Tensor> parameters = tensors(run.path("start"), run.path("shapes"), scope);
                AdamW adamW = new AdamW(
                        script,
                        settings,
                        parameters,
                        AdamW.zeros(parameters, scope),
                        AdamW.zeros(parameters, scope),
                        0);
                for (JsonNode step : run.path("steps")) {
                    List<Tensor> gradients = tensors(step.path("gradients"), run.path("shapes"), scope);
                    double norm = adamW.step(gradients, step.path("rate").asDouble());
                    assertThat(norm).isCloseTo(step.path("norm").asDouble(), within(LOSS_TOLERANCE));
                }
                assertClose(parameters, run.path("end"));
                assertClose(adamW.first(), run.path("exp_avg"));
                assertClose(adamW.second(), run.path("exp_avg_sq"));
            }
            return true;
        });
        assertThat(run.path("steps").size()).isEqualTo(50);
    }

    private static void assertClose(List<Tensor> found, JsonNode expected) {
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).floats()).containsExactly(floats(expected.path(i)), within(OPTIMISER_TOLERANCE));
        }
    }

    private static List<Tensor> tensors(JsonNode values, JsonNode shapes, Scope scope) {
        List<Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            long[] shape = new long[shapes.path(i).size()];
            for (int d = 0; d < shape.length; d++) {
                shape[d] = shapes.path(i).path(d).asLong();
            }
            tensors.add(scope.floats(floats(values.path(i)), shape));
        }
        return tensors;
    }
}
