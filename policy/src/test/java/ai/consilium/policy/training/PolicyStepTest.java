package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The losses of the policy gradient, through the whole model. */
class PolicyStepTest extends TrainerRig {
    @Test
    void givenTruncatedMembersThenTheStepIsAsIfTheyWereNotThere() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        List<Trainer.Group> without = new ArrayList<>();
        List<Trainer.Group> with = new ArrayList<>();
        for (Trainer.Group group : batch) {
            List<Trainer.Member> marked = new ArrayList<>(group.members());
            Trainer.Member last = marked.remove(2);
            without.add(new Trainer.Group(group.prompt(), List.copyOf(marked), 1));
            marked.add(new Trainer.Member(
                    last.instruction(), last.completion(), last.behaviourLogprobs(), last.advantage(), true));
            with.add(new Trainer.Group(group.prompt(), marked, 1));
        }
        for (PolicyLoss loss : all(TRUNCATE, 0)) {
            try (Trainer one = trainer();
                    Trainer other = trainer()) {
                assertThat(one.policyStep(with, loss, NONE, 1, 1e-3))
                        .isEqualTo(other.policyStep(without, loss, NONE, 1, 1e-3));
                assertThat(one.adapter().hash()).isEqualTo(other.adapter().hash());
            }
        }
    }

    private static List<PolicyLoss> all(PolicyLoss.Correction correction, double kl) {
        return List.of(
                PolicyLoss.dapo(0.2, 0.28, correction, kl),
                PolicyLoss.grpo(0.2, 0.28, correction, kl),
                PolicyLoss.drGrpo(0.2, 0.28, 40, correction, kl),
                PolicyLoss.gspo(3e-4, 4e-4, correction, kl),
                PolicyLoss.cispo(5, correction, kl));
    }

    /** Every loss at every level, with bounds that reject some tokens and keep others. */
    private static List<PolicyLoss> masked() {
        return Arrays.stream(PolicyLoss.Level.values())
                .map(level -> new PolicyLoss.Bounds(level, 0.9, 1.1))
                .flatMap(bounds -> all(new PolicyLoss.Correction.Mask(bounds), 0).stream())
                .toList();
    }

    @Test
    void givenABatchInMicroBatchesThenLossAndGradientsAddUp() throws Exception {
        List<Trainer.Group> batch = sampled(RandomModel.adapter(model, 4, 8), 1);
        compute.call(Compute.Urgency.TRAIN, () -> {
            for (PolicyLoss loss : masked()) {
                try (Scope scope = Scope.open()) {
                    ResidentAdapter resident = ResidentAdapter.load(adapter, model.config(), scope);
                    resident.leaves().forEach(Tensor::requireGradient);
                    GradientAccumulator gradients =
                            new GradientAccumulator(policy, policy.weights(), resident, resident.leaves());
                    GradientAccumulator.Result whole = gradients.run(batch, objective(batch, loss), scope);
                    GradientAccumulator.Result one = gradients.run(batch.subList(0, 1), objective(batch, loss), scope);
                    GradientAccumulator.Result rest = gradients.run(batch.subList(1, 3), objective(batch, loss), scope);

                    assertThat(one.loss() + rest.loss()).isCloseTo(whole.loss(), within(1e-5));
                    policy.script().call(scope, "add_all", one.gradients(), rest.gradients());
                    for (int i = 0; i < whole.gradients().size(); i++) {
                        assertThat(one.gradients().get(i).floats())
                                .containsExactly(whole.gradients().get(i).floats(), within(1e-5f));
                    }
                }
            }
            return true;
        });
    }

    @Test
    void givenAPenaltyThenTheReferenceIsAskedForAndHolds() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        Adapter start = RandomModel.adapter(model, 4, 8);
        PolicyLoss penalised = PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 1000);
        try (Trainer trainer = trainer()) {
            assertThatThrownBy(() -> trainer.policyStep(batch, penalised, NONE, 1, 1e-3))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("reference");
            double far = figure(trainer.policyStep(batch, penalised, Optional.of(start), 20, 1e-2), "kl");
            double near = figure(trainer.policyStep(batch, penalised, Optional.of(start), 1, 1e-2), "kl");
            assertThat(near).isPositive().isLessThan(far);
        }
    }

    @Test
    void givenMembersOfTheTrainedVersionAndOfOthersThenTheMismatchIsOverTheFormer() throws Exception {
        List<Trainer.Group> own = sampled(adapter, 1);
        List<Trainer.Group> others = with(sampled(RandomModel.adapter(model, 4, 8), 1), 1, false);
        List<Trainer.Group> both = new ArrayList<>(own);
        both.addAll(others);
        try (Trainer trainer = trainer()) {
            Map<String, Double> mixed = trainer.policyStep(both, DAPO, NONE, 1, 0);
            Map<String, Double> alone = trainer.policyStep(own, DAPO, NONE, 1, 0);

            assertThat(figure(mixed, "on_policy/token_fraction"))
                    .isEqualTo((double) LossBatch.tokens(own) / LossBatch.tokens(both));
            assertThat(figure(mixed, "max_dlogp")).isGreaterThan(0.1);
            assertThat(figure(mixed, "on_policy/max_dlogp")).isPositive().isLessThan(1e-4);
            for (String name : List.of("on_policy/max_dlogp", "on_policy/mean_dlogp", "on_policy/k3_kl")) {
                assertThat(figure(mixed, name)).isCloseTo(figure(alone, name), within(1e-6));
            }
            assertThat(trainer.policyStep(others, DAPO, NONE, 1, 0))
                    .containsEntry("on_policy/token_fraction", 0.0)
                    .doesNotContainKey("on_policy/max_dlogp");
        }
    }

    @Test
    void givenSeveralUpdatesOfABatchThenTheyMoveAwayFromTheProximalPolicy() throws Exception {
        List<Trainer.Group> batch = sampled(RandomModel.adapter(model, 4, 8), 1);
        try (Trainer trainer = trainer()) {
            assertThat(figure(trainer.policyStep(batch, DAPO, NONE, 1, 1e-3), "ppo_kl"))
                    .isZero();
        }
        try (Trainer trainer = trainer()) {
            Map<String, Double> figures = trainer.policyStep(batch, DAPO, NONE, 3, 1e-3);

            assertThat(figure(figures, "ppo_kl")).isNotZero();
            assertThat(trainer.state().step()).isEqualTo(3);
            assertThat(figure(figures, "rollout_corr/k3_kl")).isPositive();
            assertThat(figure(figures, "rollout_corr/rollout_is_eff_sample_size"))
                    .isBetween(0.1, 0.9999);
        }
    }

    @Test
    void givenTheGradientThenTheLossFallsAlongItAsFiniteDifferencesSay() throws Exception {
        List<Trainer.Group> batch = sampled(RandomModel.adapter(model, 4, 8), 1);
        double count = LossBatch.tokens(batch);
        compute.call(Compute.Urgency.TRAIN, () -> {
            try (Scope scope = Scope.open()) {
                checkSlope(scope, adapter, weights -> weights.supervised(batch, count, scope));
                for (PolicyLoss loss : slopes()) {
                    checkSlope(scope, adapter, weights -> weights.run(batch, objective(batch, loss), scope));
                }
            }
            return true;
        });
    }

    /** Losses whose value moves with the weights: the ratio is to the policy that sampled. */
    private static List<PolicyLoss> slopes() {
        PolicyLoss.Correction bypass = new PolicyLoss.Correction.Bypass(PolicyLoss.Bounds.upTo(2));
        return List.of(
                PolicyLoss.dapo(0.2, 0.28, bypass, 0),
                PolicyLoss.drGrpo(0.2, 0.28, 40, bypass, 0),
                PolicyLoss.gspo(0.2, 0.28, bypass, 0));
    }

    private PolicyObjective objective(List<Trainer.Group> batch, PolicyLoss loss) {
        return new PolicyObjective(policy.script(), loss, LossBatch.totals(batch), null);
    }

    private interface LossOf {
        GradientAccumulator.Result of(GradientAccumulator gradients) throws InterruptedException;
    }

    /** Along a unit direction d, (L(x + h d) - L(x - h d)) / 2h is the gradient's share of d. */
    private void checkSlope(Scope scope, Adapter at, LossOf loss) throws InterruptedException {
        Random random = new Random(17);
        for (int direction = 0; direction < 3; direction++) {
            ResidentAdapter resident = ResidentAdapter.load(at, model.config(), scope);
            resident.leaves().forEach(Tensor::requireGradient);
            List<Tensor> gradients = loss.of(
                            new GradientAccumulator(policy, policy.weights(), resident, resident.leaves()))
                    .gradients();
            List<float[]> step = new ArrayList<>();
            double length = 0;
            double expected = 0;
            for (Tensor gradient : gradients) {
                float[] g = gradient.floats();
                float[] d = new float[g.length];
                for (int i = 0; i < d.length; i++) {
                    d[i] = direction == 0 ? g[i] : (float) random.nextGaussian() + 20 * g[i];
                    length += d[i] * d[i];
                    expected += d[i] * g[i];
                }
                step.add(d);
            }
            double h = 5e-3;
            double unit = Math.sqrt(length);
            double up = at(scope, moved(at, resident, step, h / unit), loss);
            double down = at(scope, moved(at, resident, step, -h / unit), loss);
            assertThat((up - down) / (2 * h)).isCloseTo(expected / unit, within(0.02 * Math.abs(expected / unit)));
        }
    }

    private double at(Scope scope, Adapter place, LossOf loss) throws InterruptedException {
        ResidentAdapter resident = ResidentAdapter.load(place, model.config(), scope);
        resident.leaves().forEach(Tensor::requireGradient);
        return loss.of(new GradientAccumulator(policy, policy.weights(), resident, resident.leaves()))
                .loss();
    }

    private static Adapter moved(Adapter from, ResidentAdapter order, List<float[]> step, double scale) {
        TreeMap<String, HostTensor> tensors = new TreeMap<>();
        for (int i = 0; i < order.names().size(); i++) {
            String name = order.names().get(i);
            HostTensor tensor = Objects.requireNonNull(from.tensors().get(name));
            float[] values = tensor.values().clone();
            for (int j = 0; j < values.length; j++) {
                values[j] += (float) (scale * step.get(i)[j]);
            }
            tensors.put(name, new HostTensor(tensor.shape(), values));
        }
        return new Adapter(from.rank(), from.alpha(), from.targets(), tensors);
    }
}
