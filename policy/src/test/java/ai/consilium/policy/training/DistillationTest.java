package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.PeftDirectory;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import ai.consilium.policy.model.ParityFixture;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import ai.consilium.policy.torch.TorchRuntime;
import ai.consilium.policy.training.Distillation.Divergence;
import ai.consilium.policy.training.Distillation.Lesson;
import ai.consilium.policy.training.Distillation.Reward;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DistillationTest extends TrainerRig {
    private static final double TOLERANCE = 1e-5;

    /** Through two models in float32, each of which rounds on its own way. */
    private static final double THROUGH_THE_MODEL = 1e-4;

    private static final Distillation FULL = new Distillation(Divergence.FULL, 2);

    static Stream<Arguments> fixtures() {
        return Stream.of(ParityFixture.NAMES)
                .flatMap(name -> Stream.of(Divergence.values()).map(divergence -> Arguments.of(name, divergence)));
    }

    /** Made by tests/parity/make_distillation_fixture.py: a fixture's adapter, distilled from its base. */
    @ParameterizedTest
    @MethodSource("fixtures")
    void givenACompletionThenLossAndEveryGradientAreThoseOfPytorch(String name, Divergence divergence)
            throws Exception {
        ParityFixture reference = ParityFixture.read(name);
        JsonNode values = new ObjectMapper()
                .readTree(reference.directory().resolve("distillation.json").toFile());
        Safetensors expected = Safetensors.open(reference.directory().resolve("distillation.safetensors"));
        String kind = divergence.name().toLowerCase(Locale.ROOT);
        float[] behaviour = expected.tensor("behaviour").values();
        Trainer.Member member =
                new Trainer.Member(new int[0], reference.integers("completion"), behaviour, 0, false, true);
        Lesson lesson = new Lesson(new Trainer.Group(reference.prompt(), List.of(member), 1), "base");
        try (Compute own = new Compute(1);
                PolicyModel model = PolicyModel.load(reference.model(), own);
                Teachers teachers = new Teachers(model, Map.of("base", silent(reference.adapter())))) {
            own.call(Compute.Urgency.EVALUATE, () -> {
                try (Scope scope = Scope.open()) {
                    ResidentAdapter resident = ResidentAdapter.load(reference.adapter(), model.config(), scope);
                    resident.leaves().forEach(Tensor::requireGradient);
                    DistillationObjective objective = new DistillationObjective(
                            model.script(),
                            new Distillation(divergence, values.path("cap").asDouble()),
                            behaviour.length);
                    GradientAccumulator.Result result = new GradientAccumulator(
                                    model, model.weights(), resident, resident.leaves())
                            .distilled(List.of(lesson), teachers, objective, scope);
                    double loss = values.path(kind).asDouble();
                    assertThat(result.loss()).isCloseTo(loss, within(TOLERANCE * Math.abs(loss)));
                    for (int i = 0; i < resident.names().size(); i++) {
                        String parameter = PeftDirectory.nested(resident.names().get(i));
                        ParityFixture.assertClose(
                                parameter,
                                result.gradients().get(i).floats(),
                                expected.tensor(kind + "." + parameter).values(),
                                THROUGH_THE_MODEL);
                    }
                    ParityFixture.assertClose(
                            "of the log-probabilities",
                            ofDistributions(model, objective, lesson, expected, scope),
                            expected.tensor(kind + ".gradient").values(),
                            TOLERANCE);
                    assertThat(objective.figures().get("on_policy/max_dlogp")).isCloseTo(.4, within(1e-4));
                    // Of two passes: the second is over the recorded distributions.
                    assertThat(Objects.requireNonNull(objective.figures().get("distill/kl")) / 2)
                            .isCloseTo(values.path("full").asDouble(), within(1e-3));
                }
                return true;
            });
        }
    }

    private static float[] ofDistributions(
            PolicyModel model, DistillationObjective objective, Lesson lesson, Safetensors recorded, Scope scope)
            throws Exception {
        HostTensor policy = recorded.tensor("policy");
        Tensor leaf = scope.floats(policy.values(), policy.shape());
        leaf.requireGradient();
        Tensor teacher = scope.floats(recorded.tensor("teacher").values(), policy.shape());
        LossBatch batch = LossBatch.of(model.config(), List.of(lesson.group()));
        return TorchRuntime.recorded(() -> model.script()
                        .call(scope, "gradients", objective.of(0, leaf, teacher, batch, scope), List.of(leaf)))
                .get(0)
                .floats();
    }

    @ParameterizedTest
    @MethodSource("divergences")
    void givenTwoTeachersWhenTaughtThenThePolicyComesNearerToEach(Divergence divergence) throws Exception {
        Distillation distillation = new Distillation(divergence, 2);
        try (Trainer trainer = trainer();
                Teachers teachers = teachers()) {
            double first = 0;
            double last = 0;
            for (int step = 0; step < 60; step++) {
                Map<String, Double> figures =
                        trainer.distillStep(lessons(trainer.adapter()), teachers, distillation, 1e-2);
                last = Objects.requireNonNull(figures.get("distill/kl"));
                first = step == 0 ? last : first;
            }
            // By sampled tokens alone, of nine completions a step, the way is a noisy one.
            assertThat(last).isLessThan(first * (divergence == Divergence.FULL ? .5 : .75));
        }
    }

    static Divergence[] divergences() {
        return Divergence.values();
    }

    @Test
    void givenTheTeacherItselfThenItIsAsNearAsCanBeAndNothingMoves() throws Exception {
        try (Trainer trainer = trainer();
                Teachers teachers = new Teachers(policy, Map.of("a", adapter, "b", adapter))) {
            Map<String, Double> figures = trainer.distillStep(lessons(adapter), teachers, FULL, 1e-3);

            assertThat(figures.get("distill/kl")).isCloseTo(0, within(1e-6));
            assertThat(figures.get("distill/agreement")).isEqualTo(1);
            assertThat(figures.get("on_policy/max_dlogp")).isLessThan(1e-3);
            assertThat(figures.get("grad_norm")).isCloseTo(0, within(1e-4));
        }
    }

    @Test
    void givenLessonsInAnyOrderThenTheStepIsTheSameBitForBit() throws Exception {
        List<Lesson> lessons = lessons(adapter);
        List<Lesson> byTeacher = List.of(lessons.get(0), lessons.get(2), lessons.get(1));
        assertThat(after(byTeacher)).isEqualTo(after(lessons));
    }

    private String after(List<Lesson> lessons) throws InterruptedException {
        try (Trainer trainer = trainer();
                Teachers teachers = teachers()) {
            trainer.distillStep(lessons, teachers, FULL, 1e-3);
            return trainer.adapter().hash();
        }
    }

    @Test
    void givenRewardsBesideTheTeachersThenTheStepFollowsTheWeightedSumOfBothGradients() throws Exception {
        List<Lesson> lessons = lessons(adapter);
        List<Trainer.Group> groups = lessons.stream().map(Lesson::group).toList();
        String taught = after(lessons);
        String rewarded;
        try (Trainer trainer = trainer()) {
            trainer.policyStep(groups, DAPO, Optional.empty(), 1, 1e-3);
            rewarded = trainer.adapter().hash();
        }

        assertThat(after(lessons, new Reward(1, 0, DAPO, groups))).isEqualTo(taught);
        assertThat(after(lessons, new Reward(0, 1, DAPO, groups))).isEqualTo(rewarded);
        assertThat(after(lessons, new Reward(1, 1, DAPO, groups))).isNotIn(taught, rewarded);
        List<Trainer.Group> cut = groups.stream()
                .map(group -> new Trainer.Group(
                        group.prompt(),
                        group.members().stream()
                                .map(member -> member.leavingTheLoss(true))
                                .toList(),
                        group.temperature()))
                .toList();
        assertThat(after(lessons, new Reward(1, 1, DAPO, cut)))
                .as("nothing was completed, so that there is nothing to reward")
                .isEqualTo(taught);
    }

    private String after(List<Lesson> lessons, Reward reward) throws InterruptedException {
        try (Trainer trainer = trainer();
                Teachers teachers = teachers()) {
            trainer.distillStep(lessons, teachers, FULL, Optional.of(reward), 1e-3);
            return trainer.adapter().hash();
        }
    }

    @Test
    void givenATeacherThatIsNotThereThenItIsNamed() {
        try (Trainer trainer = trainer();
                Teachers teachers = new Teachers(policy, Map.of("a", adapter))) {
            assertThatThrownBy(() -> trainer.distillStep(lessons(adapter), teachers, FULL, 1e-3))
                    .hasMessage("teacher 'b' is none of [a]");
        }
    }

    private Teachers teachers() {
        return new Teachers(
                policy, Map.of("a", RandomModel.adapter(model, 4, 11), "b", RandomModel.adapter(model, 2, 13)));
    }

    /** Three groups, the middle one another teacher's. */
    private List<Lesson> lessons(Adapter by) throws Exception {
        List<Trainer.Group> groups = sampled(by, 1);
        return List.of(new Lesson(groups.get(0), "a"), new Lesson(groups.get(1), "b"), new Lesson(groups.get(2), "a"));
    }

    /** The same adapter with B at 0: the base. */
    private static Adapter silent(Adapter adapter) {
        SortedMap<String, HostTensor> tensors = new TreeMap<>(adapter.tensors());
        tensors.replaceAll((name, tensor) ->
                name.contains("lora_B") ? new HostTensor(tensor.shape(), new float[tensor.values().length]) : tensor);
        return new Adapter(adapter.rank(), adapter.alpha(), adapter.targets(), tensors);
    }
}
