package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.consilium.policy.NonFiniteGradientException;
import ai.consilium.policy.model.RandomModel;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Batches that must leave weights and optimiser as they were, to the bit. */
class NoStepTest extends TrainerRig {
    private static void assertSameBits(Trainer one, Trainer other) {
        assertThat(one.adapter().hash()).isEqualTo(other.adapter().hash());
        assertThat(one.state().step()).isEqualTo(other.state().step());
        one.state()
                .moments()
                .forEach((name, moment) -> assertThat(moment.values())
                        .as(name)
                        .isEqualTo(
                                Objects.requireNonNull(other.state().moments().get(name))
                                        .values()));
    }

    @Test
    void givenAGradientThatIsNotFiniteThenTheStepIsRefusedAndNothingChanges() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        try (Trainer struck = trainer();
                Trainer other = trainer()) {
            for (Trainer trainer : List.of(struck, other)) {
                trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            }
            assertThatThrownBy(() -> struck.policyStep(with(batch, 1e30, false), DAPO, NONE, 1, 1e-3))
                    .isInstanceOf(NonFiniteGradientException.class)
                    .hasMessageContaining("the norm of the gradient is Infinity");
            assertSameBits(struck, other);

            assertThat(struck.policyStep(batch, DAPO, NONE, 1, 1e-3))
                    .isEqualTo(other.policyStep(batch, DAPO, NONE, 1, 1e-3));
            assertSameBits(struck, other);
        }
    }

    @Test
    void givenAGradientThatIsNotFiniteInALaterUpdateThenTheEarlierOnesAreUndone() throws Exception {
        // given an advantage at which the first update is finite and, as the ratio has moved, a later one is not
        List<Trainer.Group> batch = with(sampled(adapter, 1), -1, false);
        PolicyLoss unclipped =
                PolicyLoss.dapo(0.2, 1e30, new PolicyLoss.Correction.Ignore(PolicyLoss.Bounds.upTo(2)), 0);
        try (Trainer struck = trainer();
                Trainer other = trainer()) {
            for (Trainer trainer : List.of(struck, other)) {
                trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            }
            assertThatThrownBy(() -> struck.policyStep(batch, unclipped, NONE, 20, 1e6))
                    .isInstanceOf(NonFiniteGradientException.class);

            assertSameBits(struck, other);
        }
    }

    @Test
    void givenABatchWithoutALossTokenThenNeitherWeightDecayNorMomentumMovesTheWeights() throws Exception {
        List<Trainer.Group> batch = sampled(RandomModel.adapter(model, 4, 8), 1);
        Trainer.Optimiser decaying = new Trainer.Optimiser(0.9, 0.99, 1e-8, 0.1, 1);
        // No token's ratio lies between these bounds: all are rejected, and the counts keep them.
        PolicyLoss rejecting =
                PolicyLoss.dapo(0.2, 0.28, new PolicyLoss.Correction.Mask(PolicyLoss.Bounds.upTo(1e-30)), 0);
        try (Trainer idle = new Trainer(policy, compute, adapter, decaying);
                Trainer other = new Trainer(policy, compute, adapter, decaying)) {
            for (Trainer trainer : List.of(idle, other)) {
                trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            }

            assertThat(figure(idle.policyStep(with(batch, 1, true), DAPO, NONE, 2, 1e-3), "grad_norm"))
                    .isZero();
            Map<String, Double> rejected = idle.policyStep(batch, rejecting, NONE, 2, 1e-3);
            assertThat(figure(rejected, "rollout_corr/rollout_rs_masked_fraction"))
                    .isEqualTo(1);
            assertThat(figure(rejected, "grad_norm")).isZero();
            assertThat(idle.superviseStep(List.of(), 1e-3)).containsEntry("grad_norm", 0.0);

            assertSameBits(idle, other);
        }
    }
}
