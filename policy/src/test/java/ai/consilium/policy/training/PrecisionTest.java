package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A base in bfloat16 under a float32 adapter. */
class PrecisionTest extends TrainerRig {
    private static final double TEMPERATURE = 0.9;

    @Test
    void givenABf16BaseWhenTrainedThenSamplingAndLearningAgree() throws Exception {
        try (PolicyModel brief = PolicyModel.load(model, compute, Precision.BF16);
                Sampler sampler = new Sampler(brief, compute);
                Trainer trainer = new Trainer(brief, compute, adapter, RandomModel.OPTIMISER)) {
            List<Trainer.Group> batch = sampled(sampler, adapter, TEMPERATURE);

            var figures = trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);

            System.out.printf(
                    "bf16: |dlogp| at most %.1e, on average %.1e, k3 %.1e%n",
                    figure(figures, "on_policy/max_dlogp"),
                    figure(figures, "on_policy/mean_dlogp"),
                    figure(figures, "on_policy/k3_kl"));
            assertThat(figure(figures, "on_policy/max_dlogp")).isPositive().isLessThanOrEqualTo(3e-2);
            assertThat(figure(figures, "on_policy/mean_dlogp"))
                    .isPositive()
                    .isLessThan(Precision.BF16.logprobTolerance());
            assertThat(trainer.adapter().hash()).isNotEqualTo(adapter.hash());
        }
    }

    @Test
    void givenABf16BaseThenGradientsPointWhereThoseOfFloat32Do() throws Exception {
        List<Trainer.Group> batch = sampled(sampler, adapter, TEMPERATURE);
        try (PolicyModel brief = PolicyModel.load(model, compute, Precision.BF16)) {
            double[] exact = compute.call(Compute.Urgency.TRAIN, () -> gradient(policy, batch));
            double[] rounded = compute.call(Compute.Urgency.TRAIN, () -> gradient(brief, batch));

            double cosine = dot(exact, rounded) / Math.sqrt(dot(exact, exact) * dot(rounded, rounded));
            System.out.printf("bf16: cosine of the gradients %.5f%n", cosine);
            assertThat(cosine).isGreaterThan(0.99);
        }
    }

    @Test
    void givenAnotherNameThenThoseThatThereAreAreNamed() {
        assertThat(Precision.named("bf16")).isEqualTo(Precision.BF16);
        assertThatThrownBy(() -> Precision.named("half")).hasMessage("dtype must be fp32 or bf16, not 'half'");
    }

    private double[] gradient(PolicyModel of, List<Trainer.Group> batch) throws InterruptedException {
        try (Scope scope = Scope.open()) {
            ResidentAdapter resident = ResidentAdapter.load(adapter, of.config(), scope);
            List<Tensor> leaves = resident.leaves();
            leaves.forEach(Tensor::requireGradient);
            return new GradientAccumulator(of, of.weights(), resident, leaves)
                    .supervised(batch, LossBatch.tokens(batch), scope).gradients().stream()
                            .flatMapToDouble(PrecisionTest::values)
                            .toArray();
        }
    }

    private static java.util.stream.DoubleStream values(Tensor gradient) {
        float[] values = gradient.floats();
        return java.util.stream.IntStream.range(0, values.length).mapToDouble(i -> values[i]);
    }

    private static double dot(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }
}
