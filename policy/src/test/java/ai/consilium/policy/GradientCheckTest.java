package ai.consilium.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Gradients against central differences of the loss along directions, in float32. */
@Timeout(120)
@SuppressWarnings("NullAway.Init") // JUnit fills the field
class GradientCheckTest {
    /** Long enough that float32's rounding of the loss is small beside its change, short enough to be nearly straight. */
    private static final double STEP = 0.02;

    @TempDir
    Path directory;

    private record Evaluated(double loss, List<float[]> gradients) {}

    private static Evaluated evaluate(PolicyModel policy, Adapter adapter, Trainer.Group group, boolean supervised)
            throws InterruptedException {
        double tokens = TargetBatch.tokens(List.of(group));
        try (Scope scope = Scope.open()) {
            ResidentAdapter resident = ResidentAdapter.load(adapter, policy.config(), scope);
            resident.leaves().forEach(Tensor::requireGradient);
            Gradients gradients = new Gradients(policy, policy.weights(), resident, resident.leaves());
            Gradients.Result result = supervised
                    ? gradients.supervised(List.of(group), tokens, scope)
                    : gradients.policy(List.of(group), new Trainer.Loss(0.2, 0.28), tokens, scope);
            double loss = supervised ? result.sums()[0] : result.sums()[0] / tokens;
            return new Evaluated(
                    loss, result.gradients().stream().map(Tensor::floats).toList());
        }
    }

    private static Adapter moved(Adapter adapter, List<String> names, List<double[]> direction, double by) {
        SortedMap<String, Adapter.HostTensor> tensors = new TreeMap<>();
        for (int i = 0; i < names.size(); i++) {
            Adapter.HostTensor tensor = java.util.Objects.requireNonNull(adapter.tensors().get(names.get(i)));
            float[] values = tensor.values().clone();
            for (int j = 0; j < values.length; j++) {
                values[j] += (float) (by * direction.get(i)[j]);
            }
            tensors.put(names.get(i), new Adapter.HostTensor(tensor.shape(), values));
        }
        return new Adapter(adapter.rank(), adapter.alpha(), adapter.targets(), tensors);
    }

    /** Of length 1: as random as the generator, or that of the gradient. */
    private static List<double[]> direction(List<float[]> gradients, Random random, boolean steepest) {
        List<double[]> direction = new ArrayList<>();
        double squares = 0;
        for (float[] gradient : gradients) {
            double[] part = new double[gradient.length];
            for (int i = 0; i < part.length; i++) {
                part[i] = steepest ? gradient[i] : random.nextGaussian() * (0.2 * Math.abs(gradient[i]) + 1e-3);
                squares += part[i] * part[i];
            }
            direction.add(part);
        }
        double length = Math.sqrt(squares);
        direction.forEach(part -> java.util.Arrays.setAll(part, i -> part[i] / length));
        return direction;
    }

    private static Trainer.Group group(ModelDirectory model, Path directory, Random random) throws Exception {
        List<Trainer.Member> members = new ArrayList<>();
        for (int s = 0; s < 3; s++) {
            int[] completion = TinyModel.words(model.config(), 5 + 2 * s, random);
            float[] behaviour = new float[completion.length];
            for (int i = 0; i < behaviour.length; i++) {
                behaviour[i] = (float) (-4.5 + random.nextGaussian());
            }
            int[] instruction = TinyModel.words(model.config(), s, random);
            members.add(new Trainer.Member(instruction, completion, behaviour, s - 0.7, false));
        }
        return new Trainer.Group(TinyModel.prompt(model, directory, 4, 1), members, 0.9);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void givenALossThenItsChangeAlongDirectionsIsWhatTheGradientSays(boolean supervised) throws Exception {
        long seed = 11;
        Random random = new Random(seed);
        ModelDirectory model = TinyModel.create(directory.resolve("model"), TinyModel.small(), 3);
        Adapter adapter = TinyModel.adapter(model, 3, 5);
        Trainer.Group group = group(model, directory, random);
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute)) {
            compute.call(Compute.Urgency.TRAIN, () -> {
                List<String> names;
                try (Scope scope = Scope.open()) {
                    names = ResidentAdapter.load(adapter, policy.config(), scope).names();
                }
                List<float[]> gradients = evaluate(policy, adapter, group, supervised).gradients();
                for (int d = 0; d < 4; d++) {
                    List<double[]> direction = direction(gradients, random, d == 0);
                    double expected = 0;
                    for (int i = 0; i < gradients.size(); i++) {
                        for (int j = 0; j < gradients.get(i).length; j++) {
                            expected += direction.get(i)[j] * gradients.get(i)[j];
                        }
                    }
                    double ahead = evaluate(policy, moved(adapter, names, direction, STEP), group, supervised).loss();
                    double behind = evaluate(policy, moved(adapter, names, direction, -STEP), group, supervised).loss();
                    double actual = (ahead - behind) / (2 * STEP);
                    assertThat(actual)
                            .as("direction %d of seed %d", d, seed)
                            .isCloseTo(expected, within(1e-3 + 0.02 * Math.abs(expected)));
                }
                return true;
            });
        }
    }
}
