package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.sampling.Sampler;
import ai.consilium.policy.torch.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TrainerTest extends TrainerRig {
    @Test
    void givenWhatWasJustSampledThenTheTrainerSeesTheSameLogProbabilities() throws Exception {
        for (double temperature : new double[] {1.0, 0.7, 0.0}) {
            try (Trainer trainer = trainer()) {
                var figures = trainer.policyStep(sampled(adapter, temperature), DAPO, NONE, 1, 1e-3);

                assertThat(figure(figures, "max_dlogp"))
                        .as("temperature %s", temperature)
                        .isLessThan(1e-4);
                assertThat(figure(figures, "rollout_corr/rollout_is_mean")).isCloseTo(1, within(1e-4));
                assertThat(figure(figures, "clip_ratio/low_mean")).isZero();
                assertThat(figure(figures, "clip_ratio/high_mean")).isZero();
                assertThat(figure(figures, "entropy")).isBetween(0.0, Math.log(96));
                assertThat(figure(figures, "grad_norm")).isPositive();
            }
        }
    }

    @Test
    void givenNothingThatCarriesLossThenTheAdapterStays() throws Exception {
        try (Trainer trainer = trainer()) {
            var figures = trainer.policyStep(List.of(), DAPO, NONE, 1, 1e-3);

            assertThat(figure(figures, "tokens")).isZero();
            assertThat(trainer.adapter().hash()).isEqualTo(adapter.hash());
        }
    }

    @Test
    void givenAStateTakenOutAndPutBackThenTheNextStepsAreTheSameBitForBit() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        try (Trainer trainer = trainer();
                Trainer restored = trainer()) {
            trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            Trainer.State state = trainer.state();
            var figures = trainer.policyStep(batch, DAPO, NONE, 1, 1e-3);
            trainer.superviseStep(examples(batch), 1e-3);

            restored.policyStep(batch, DAPO, NONE, 1, 5e-2);
            restored.restore(state);
            var again = restored.policyStep(batch, DAPO, NONE, 1, 1e-3);
            restored.superviseStep(examples(batch), 1e-3);

            assertThat(again).isEqualTo(figures);
            assertThat(restored.adapter().hash()).isEqualTo(trainer.adapter().hash());
            assertThat(restored.state().step()).isEqualTo(3);
        }
    }

    @Test
    void givenALongStepWhenItIsTakenThenEachOfItsPartsIsHeardOf() throws Exception {
        AtomicInteger heard = new AtomicInteger();
        List<Trainer.Group> group = sampled(adapter, 1);
        try (Trainer trainer = trainer()) {
            trainer.onProgress(heard::incrementAndGet);
            trainer.policyStep(group, DAPO, NONE, 1, 1e-3);
            int once = heard.get();
            assertThat(once).isPositive();

            trainer.policyStep(group, DAPO, NONE, 3, 1e-3);
            assertThat(heard.get() - once).isEqualTo(3 * once);

            trainer.superviseStep(examples(group), 1e-3);
            assertThat(heard.get()).isGreaterThan(4 * once);
        }
    }

    @Test
    void givenThreadsThatShareAStepThenItsBitsAreThoseOfOneThread() throws Exception {
        List<Trainer.Group> batch = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            batch.addAll(sampled(adapter, 1));
        }
        // Layer by layer each group is a part of its own.
        ActivationCheckpointing parts = new ActivationCheckpointing(ActivationCheckpointing.Mode.ON, 1 << 20);
        List<Distillation.Lesson> lessons = batch.stream()
                .map(group -> new Distillation.Lesson(group, "teacher"))
                .toList();
        Distillation distillation = new Distillation(Distillation.Divergence.FULL, 2);
        PolicyLoss anchored = PolicyLoss.dapo(0.2, 0.28, TRUNCATE, 0.1);
        Adapter other = RandomModel.adapter(model, 4, 9);
        try (Compute three = new Compute(3);
                Teachers teachers = new Teachers(policy, Map.of("teacher", other));
                Trainer alone = new Trainer(policy, compute, adapter, RandomModel.OPTIMISER, parts);
                Trainer shared = new Trainer(policy, three, adapter, RandomModel.OPTIMISER, parts)) {
            for (int i = 0; i < 3; i++) {
                assertThat(shared.superviseStep(examples(batch), 1e-3))
                        .isEqualTo(alone.superviseStep(examples(batch), 1e-3));
                assertThat(shared.policyStep(batch, anchored, Optional.of(other), 2, 1e-3))
                        .isEqualTo(alone.policyStep(batch, anchored, Optional.of(other), 2, 1e-3));
                assertThat(shared.distillStep(lessons, teachers, distillation, 1e-3))
                        .isEqualTo(alone.distillStep(lessons, teachers, distillation, 1e-3));
                assertThat(shared.adapter().hash()).isEqualTo(alone.adapter().hash());
            }
            assertThat(shared.adapter().hash()).isNotEqualTo(adapter.hash());
        }
    }

    private static List<Trainer.Example> examples(List<Trainer.Group> batch) {
        return batch.stream()
                .flatMap(group -> group.members().stream()
                        .map(member -> new Trainer.Example(group.prompt(), member.instruction(), member.completion())))
                .toList();
    }

    @Test
    void givenAStateThatLacksAMomentThenItIsRefusedAndTheTrainerGoesOn() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        try (Trainer trainer = trainer()) {
            Trainer.State broken = new Trainer.State(adapter, Map.of(), 4);

            assertThatThrownBy(() -> trainer.restore(broken))
                    .isInstanceOf(ModelException.class)
                    .hasMessageContaining("exp_avg");
            assertThat(figure(trainer.policyStep(batch, DAPO, NONE, 1, 1e-3), "grad_norm"))
                    .isPositive();
        }
    }

    @Test
    void givenExamplesToLearnByHeartThenTheLossFalls() throws Exception {
        List<Trainer.Example> examples = examples(sampled(adapter, 1));
        try (Trainer trainer = trainer()) {
            double first = figure(trainer.superviseStep(examples, 1e-2), "loss");
            double last = first;
            for (int i = 0; i < 40; i++) {
                last = figure(trainer.superviseStep(examples, 1e-2), "loss");
            }
            assertThat(last).isLessThan(0.85 * first);
        }
    }

    @Test
    void givenHundredsOfStepsThenNeitherTensorsNorMemoryGrow() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        List<Sampler.Group> groups =
                List.of(new Sampler.Group(batch.get(0).prompt(), List.of(new int[0], new int[] {20}), 1));
        Sampler.Settings brief = new Sampler.Settings(1, 4);
        try (Trainer trainer = trainer()) {
            for (int i = 0; i < 40; i++) {
                trainer.policyStep(batch, DAPO, NONE, 1, 1e-4);
                sampler.sample(trainer.adapter(), groups, brief, Compute.Urgency.SAMPLE);
            }
            int scopes = Scope.openScopes();
            int tensors = policy.residentTensors();
            long memory = residentBytes();
            for (int i = 0; i < 160; i++) {
                trainer.policyStep(batch, DAPO, NONE, 1, 1e-4);
                sampler.sample(trainer.adapter(), groups, brief, Compute.Urgency.SAMPLE);
            }
            assertThat(Scope.openScopes()).isEqualTo(scopes);
            assertThat(policy.residentTensors()).isEqualTo(tensors);
            assertThat(residentBytes() - memory).isLessThan(200_000_000);
        }
    }

    private static long residentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS")) {
                return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        return 0;
    }
}
