package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.Gradient;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.input.EncodedPrompt;
import ai.consilium.policy.memory.ActivationMemory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.training.ActivationCheckpointing.Mode;
import ai.consilium.policy.training.Distillation.Divergence;
import ai.consilium.policy.training.Distillation.Lesson;
import ai.consilium.policy.training.PolicyLoss.Bounds;
import ai.consilium.policy.training.PolicyLoss.Correction;
import ai.consilium.policy.training.PolicyLoss.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients layer by layer against those of one graph, over a model of the shape of models/tiny. */
class CheckpointedGradientTest extends TrainerRig {
    /** Of float32: the same sums in another order. */
    private static final double ROUNDING = 5e-6;

    /** One sample and one token at a time; some of both; all of a group. */
    private static final long[] BOUNDS = {1, 3_000_000, 1L << 30};

    @Override
    QwenConfig shape() {
        return RandomModel.full();
    }

    private static ActivationCheckpointing on(long bytes) {
        return new ActivationCheckpointing(Mode.ON, bytes);
    }

    /** Groups of 3, 1, 2 and no samples that count: truncated ones, one without a token, one prompt without a picture. */
    private List<Trainer.Group> uneven() throws Exception {
        List<Trainer.Group> sampled = sampled(RandomModel.adapter(model, 4, 8), 0.9);
        Trainer.Group first = sampled.get(0);
        List<Trainer.Member> members = new ArrayList<>(first.members());
        members.add(1, new Trainer.Member(new int[] {20, 21, 22, 23}, new int[0], new float[0], 1, false));
        List<Trainer.Group> batch = new ArrayList<>();
        batch.add(new Trainer.Group(first.prompt(), members, first.temperature()));
        batch.add(keeping(sampled.get(1), 1));
        EncodedPrompt text = new EncodedPrompt(new int[] {30}, List.of());
        batch.add(keeping(new Trainer.Group(text, sampled.get(2).members(), 0), 2));
        batch.add(keeping(sampled.get(2), 0));
        return batch;
    }

    private static Trainer.Group keeping(Trainer.Group group, int kept) {
        List<Trainer.Member> members = new ArrayList<>();
        for (Trainer.Member one : group.members()) {
            members.add(new Trainer.Member(
                    one.instruction(),
                    one.completion(),
                    one.behaviourLogprobs(),
                    one.advantage(),
                    members.size() >= kept));
        }
        return new Trainer.Group(group.prompt(), members, group.temperature());
    }

    private interface Work {
        GradientAccumulator.Result of(GradientAccumulator gradients, ActivationCheckpointing checkpointing, Scope scope)
                throws Exception;
    }

    /** A loss and its gradient. */
    private record Outcome(double loss, Gradient gradient) {}

    private Outcome outcome(PolicyModel of, ActivationCheckpointing checkpointing, Work work)
            throws InterruptedException {
        return compute.call(Compute.Urgency.TRAIN, () -> {
            try (Scope scope = Scope.open()) {
                ResidentAdapter resident = ResidentAdapter.load(adapter, of.config(), scope);
                resident.leaves().forEach(Tensor::requireGradient);
                GradientAccumulator.Result result =
                        work.of(GradientAccumulator.of(of, resident, checkpointing), checkpointing, scope);
                return new Outcome(
                        result.loss(), new Gradient(ResidentAdapter.host(resident.names(), result.gradients())));
            }
        });
    }

    private void assertTheSame(Work work) throws InterruptedException {
        Outcome plain = outcome(policy, ActivationCheckpointing.OFF, work);
        for (long bytes : BOUNDS) {
            Outcome small = outcome(policy, on(bytes), work);
            assertThat(small.loss()).isCloseTo(plain.loss(), within(ROUNDING * Math.max(1, Math.abs(plain.loss()))));
            Gradient.Difference difference = small.gradient().from(plain.gradient());
            assertThat(difference.largest())
                    .as("%s with %d bytes", difference.tensor(), bytes)
                    .isLessThan(ROUNDING);
        }
    }

    @Test
    void givenASupervisedLossThenGradientsAreThoseOfOneGraph() throws Exception {
        List<Trainer.Group> batch = uneven();
        assertTheSame((gradients, checkpointing, scope) -> gradients.supervised(batch, LossBatch.tokens(batch), scope));
    }

    @Test
    void givenAnyPolicyLossWithAPenaltyThenGradientsAreThoseOfOneGraph() throws Exception {
        List<Trainer.Group> batch = uneven();
        Adapter reference = RandomModel.adapter(model, 4, 9);
        for (PolicyLoss loss : losses()) {
            assertTheSame((gradients, checkpointing, scope) -> {
                ResidentAdapter fixed = ResidentAdapter.load(reference, policy.config(), scope);
                // The reference goes the way of the policy.
                GradientAccumulator anchor = GradientAccumulator.of(policy, fixed, checkpointing);
                return gradients.run(
                        batch, new PolicyObjective(policy.script(), loss, LossBatch.totals(batch), anchor), scope);
            });
        }
    }

    private static List<PolicyLoss> losses() {
        Correction mask = new Correction.Mask(new Bounds(Level.TOKEN, 0.8, 1.25));
        Correction bypass = new Correction.Bypass(Bounds.upTo(2));
        return List.of(
                PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 0.1),
                PolicyLoss.grpo(0.2, 0.28, mask, 0.1),
                PolicyLoss.drGrpo(0.2, 0.28, 40, bypass, 0.1),
                PolicyLoss.gspo(0.2, 0.28, bypass, 0.1),
                PolicyLoss.cispo(5, bypass, 0.1));
    }

    @ParameterizedTest
    @EnumSource
    void givenATeacherThenGradientsAreThoseOfOneGraph(Divergence divergence) throws Exception {
        List<Trainer.Group> batch = uneven();
        List<Lesson> lessons = List.of(
                new Lesson(batch.get(0), "a"),
                new Lesson(batch.get(1), "b"),
                new Lesson(batch.get(2), "a"),
                new Lesson(batch.get(3), "b"));
        double tokens = LossBatch.tokens(batch);
        try (Teachers teachers = new Teachers(
                policy, Map.of("a", RandomModel.adapter(model, 4, 11), "b", RandomModel.adapter(model, 2, 13)))) {
            assertTheSame((gradients, checkpointing, scope) -> gradients.distilled(
                    lessons,
                    teachers,
                    new DistillationObjective(policy.script(), new Distillation(divergence, 2), tokens),
                    scope));
        }
    }

    @Test
    void givenAnAdapterOfSomeProjectionsThenGradientsAreThoseOfOneGraph() throws Exception {
        List<Trainer.Group> batch = uneven();
        adapter = Adapter.initial(model, 3, 6, List.of("v_proj", "down_proj"), 5);
        TreeMap<String, HostTensor> tensors = new TreeMap<>(adapter.tensors());
        tensors.replaceAll((name, tensor) ->
                tensor.values()[0] == 0 ? new HostTensor(tensor.shape(), filled(tensor.values().length)) : tensor);
        adapter = new Adapter(3, 6, adapter.targets(), tensors);
        assertTheSame((gradients, checkpointing, scope) -> gradients.supervised(batch, LossBatch.tokens(batch), scope));
    }

    private static float[] filled(int length) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = 0.02f * (i % 7 - 3);
        }
        return values;
    }

    @Test
    void givenABatchThenLogProbabilitiesAndFiguresOfAStepAreThoseOfOneGraph() throws Exception {
        List<Trainer.Group> batch = uneven();
        Optional<Adapter> reference = Optional.of(RandomModel.adapter(model, 4, 9));
        PolicyLoss loss = PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 0.1);
        try (Trainer plain = trainer(ActivationCheckpointing.OFF);
                Trainer small = trainer(on(1))) {
            assertThat(small.logprobs(batch)).containsExactly(plain.logprobs(batch), within(1e-5f));

            Map<String, Double> expected = plain.policyStep(batch, loss, reference, 2, 1e-3);
            Map<String, Double> actual = small.policyStep(batch, loss, reference, 2, 1e-3);

            assertThat(actual).containsOnlyKeys(expected.keySet());
            expected.forEach((name, value) -> assertThat(figure(actual, name))
                    .as(name)
                    .isCloseTo(value, within(1e-4 * Math.max(1, Math.abs(value)))));
        }
    }

    private Trainer trainer(ActivationCheckpointing checkpointing) {
        return new Trainer(policy, compute, adapter, RandomModel.OPTIMISER, checkpointing);
    }

    @Test
    void givenNoTokenThatCarriesLossThenNothingMoves() throws Exception {
        List<Trainer.Group> truncated = with(sampled(adapter, 1), 1, true);
        try (Trainer trainer = trainer(on(1))) {
            assertThat(figure(trainer.policyStep(truncated, DAPO, NONE, 1, 1e-3), "grad_norm"))
                    .isZero();
            assertThat(trainer.adapter().hash()).isEqualTo(adapter.hash());
        }
    }

    @Test
    void givenAStateTakenOutAndPutBackThenTheNextStepIsTheSameBitForBit() throws Exception {
        List<Trainer.Group> batch = uneven();
        try (Trainer trainer = trainer(on(3_000_000));
                Trainer restored = trainer(on(3_000_000))) {
            trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            Trainer.State state = trainer.state();
            Map<String, Double> figures = trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);

            restored.restore(state);

            assertThat(restored.policyStep(batch, DAPO, NONE, 1, 1e-3)).isEqualTo(figures);
            assertThat(restored.adapter().hash()).isEqualTo(trainer.adapter().hash());
        }
    }

    @Test
    void givenBfloat16ThenGradientsAreAsNearToThoseOfFloat32AsThoseOfOneGraph() throws Exception {
        List<Trainer.Group> batch = uneven();
        Work work = (gradients, checkpointing, scope) -> gradients.supervised(batch, LossBatch.tokens(batch), scope);
        Outcome exact = outcome(policy, ActivationCheckpointing.OFF, work);
        try (PolicyModel brief = PolicyModel.load(model, compute, Precision.BF16)) {
            Gradient.Difference plain =
                    outcome(brief, ActivationCheckpointing.OFF, work).gradient().from(exact.gradient());
            Gradient.Difference small =
                    outcome(brief, on(3_000_000), work).gradient().from(exact.gradient());
            System.out.printf("bf16: plain %s, checkpointed %s%n", plain, small);

            assertThat(1 - small.cosine()).isLessThan(2 * (1 - plain.cosine()));
            assertThat(small.largest()).isLessThan(2 * plain.largest());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 3_000_000})
    void givenAMemoryBoundThenAutoCheckpointsWhatWouldPassIt(long bytes) throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        assertThat(after(new ActivationCheckpointing(Mode.AUTO, 1))).isEqualTo(after(on(1)));
        assertThat(after(ActivationCheckpointing.DEFAULT)).isEqualTo(after(ActivationCheckpointing.OFF));
        ActivationMemory memory = ActivationMemory.of(model, Precision.FP32);
        assertThat(new ActivationCheckpointing(Mode.AUTO, bytes).parts(batch, memory))
                .allSatisfy(part -> assertThat(part.checkpointed())
                        .isEqualTo(memory.plain(LossBatch.shape(part.groups())) > bytes));
    }

    private String after(ActivationCheckpointing checkpointing) throws Exception {
        try (Trainer trainer = trainer(checkpointing)) {
            trainer.policyStep(sampled(adapter, 1), DAPO, NONE, 1, 1e-3);
            return Objects.requireNonNull(trainer.adapter().hash());
        }
    }
}
