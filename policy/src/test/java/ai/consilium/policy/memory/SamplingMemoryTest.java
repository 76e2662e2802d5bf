package ai.consilium.policy.memory;

import static org.assertj.core.api.Assertions.assertThat;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.policy.model.PolicyModel;
import ai.consilium.policy.model.RandomModel;
import ai.consilium.policy.model.WeightBytes;
import ai.consilium.policy.torch.Scope;
import ai.consilium.policy.torch.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Formulas against the tensors that are really there. */
@SuppressWarnings("NullAway.Init") // JUnit fills the fields
class SamplingMemoryTest {
    @TempDir
    Path directory;

    private ModelDirectory model;

    @BeforeEach
    void create() throws IOException {
        model = RandomModel.create(directory, RandomModel.full(), 1);
    }

    @ParameterizedTest
    @EnumSource
    void givenAModelThenItsWeightsTakeWhatItsHeadersSay(Precision precision) {
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute, precision)) {
            Set<Tensor> distinct = new HashSet<>(policy.weights().decoder());
            distinct.addAll(policy.weights().vision());
            long bytes = distinct.stream().mapToLong(Tensor::size).sum() * precision.bytes();

            assertThat(WeightBytes.of(model, precision).total()).isEqualTo(bytes);
        }
    }

    @Test
    void givenAnAdapterThenItsFactorsTakeWhatTheFormulaSays() {
        for (List<String> targets : List.of(RandomModel.TARGETS, List.of("q_proj", "v_proj"), List.of("up_proj"))) {
            Adapter adapter = Adapter.initial(model, 4, 8, targets, 1);
            AdapterMemory memory = new AdapterMemory(model.config(), 4, targets);
            long values = adapter.tensors().values().stream()
                    .mapToLong(tensor -> tensor.values().length)
                    .sum();
            assertThat(memory.parameters()).isEqualTo(values);
            try (Compute compute = new Compute(1);
                    PolicyModel policy = PolicyModel.load(model, compute);
                    Scope scope = Scope.open()) {
                long beside = ResidentAdapter.load(adapter, model.config(), scope).fused(policy, scope).stream()
                        .mapToLong(Tensor::size)
                        .sum();
                assertThat(memory.besideBytes(Precision.FP32)).isEqualTo(4 * beside);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void givenFactorsOfAnAdapterThenNothingElseOfItStays(Precision precision) {
        Adapter adapter = Adapter.initial(model, 4, 8, RandomModel.TARGETS, 1);
        try (Compute compute = new Compute(1);
                PolicyModel policy = PolicyModel.load(model, compute, precision);
                Scope kept = Scope.open();
                Scope step = Scope.open()) {
            List<Tensor> factors =
                    ResidentAdapter.load(adapter, model.config(), step).fused(policy, kept);

            assertThat(kept.size()).isEqualTo(factors.size());
        }
    }

    @Test
    void givenAModelThenACopyIsTheDecodersProjectionsAndASlotAKeyAndAValueOfEachLayer() {
        SamplingMemory memory = new SamplingMemory(
                model.config(), Precision.FP32, model.completionTokens().ids());

        // Hidden 128, inner 384, 2 of 4 heads for keys and values, 4 layers.
        assertThat(memory.copyBytes()).isEqualTo(4L * 4 * (128 * (128 + 64 + 64) + 128 * 128 + 3 * 128 * 384));
        assertThat(memory.slotBytes()).isEqualTo(2 * 4 * 2 * 32 * 4);
        assertThat(memory.groupBytes(new GroupSize(100, 5, 8, 20))).isEqualTo((100 + 8 * 25) * memory.slotBytes());
    }
}
