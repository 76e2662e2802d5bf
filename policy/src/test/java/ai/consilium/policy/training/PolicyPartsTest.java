package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.exchange.PartGradient;
import ai.consilium.policy.model.RandomModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A step whose parts are computed by several, as processes do it. */
class PolicyPartsTest extends TrainerRig {
    private static final PolicyLoss ANCHORED = PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 0.1);

    private int dealt;

    /** Parts go round: one is ours, one another's, one another's who is too late for it. */
    private final class TwoHands implements PartExchange.Pass {
        private final PolicyParts other;
        private final List<Integer> ours = new ArrayList<>();
        private final List<Integer> theirs = new ArrayList<>();
        private final List<Integer> late = new ArrayList<>();

        TwoHands(int parts, PolicyParts other) {
            this.other = other;
            for (int part = 0; part < parts; part++) {
                List<List<Integer>> hands = List.of(ours, theirs, late);
                hands.get(dealt++ % hands.size()).add(part);
            }
        }

        @Override
        public synchronized int open() {
            return ours.size();
        }

        @Override
        public synchronized OptionalInt take() {
            return ours.isEmpty() ? OptionalInt.empty() : OptionalInt.of(ours.remove(0));
        }

        @Override
        public void computed(int part) {
            // Nobody else waits for it.
        }

        @Override
        public synchronized SortedMap<Integer, PartGradient> await() throws InterruptedException {
            SortedMap<Integer, PartGradient> come = new TreeMap<>();
            for (int part : theirs) {
                come.put(part, other.compute(part, () -> {}));
            }
            theirs.clear();
            ours.addAll(late);
            late.clear();
            return come;
        }

        @Override
        public void close() {
            assertThat(ours).isEmpty();
        }
    }

    @Test
    void givenPartsThatOthersComputeThenStepsHaveTheBitsOfOneThatNobodyShared() throws Exception {
        List<Trainer.Group> batch = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            batch.addAll(sampled(adapter, 1));
        }
        Adapter reference = RandomModel.adapter(model, 4, 9);
        for (ActivationCheckpointing.Mode mode :
                List.of(ActivationCheckpointing.Mode.ON, ActivationCheckpointing.Mode.OFF)) {
            ActivationCheckpointing checkpointing = new ActivationCheckpointing(mode, 1 << 20);
            for (PolicyLoss loss : List.of(DAPO, ANCHORED)) {
                try (Compute elsewhere = new Compute(1);
                        Trainer alone = new Trainer(policy, compute, adapter, RandomModel.OPTIMISER, checkpointing);
                        Trainer shared = new Trainer(policy, compute, adapter, RandomModel.OPTIMISER, checkpointing)) {
                    for (int step = 0; step < 3; step++) {
                        try (PolicyParts other = new PolicyParts(
                                policy,
                                elsewhere,
                                shared.adapter(),
                                checkpointing,
                                batch,
                                loss,
                                Optional.of(reference).filter(any -> loss.klCoef() > 0))) {
                            Map<String, Double> figures = shared.policyStep(
                                    batch, loss, Optional.of(reference), 1, 1e-3, parts -> new TwoHands(parts, other));

                            assertThat(figures)
                                    .isEqualTo(alone.policyStep(batch, loss, Optional.of(reference), 1, 1e-3));
                            assertThat(shared.adapter().hash())
                                    .isEqualTo(alone.adapter().hash());
                        }
                    }
                    assertThat(shared.adapter().hash()).isNotEqualTo(adapter.hash());
                }
            }
        }
    }
}
