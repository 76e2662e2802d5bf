package ai.consilium.policy.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Gradient;
import ai.consilium.policy.format.HostTensor;
import ai.consilium.policy.format.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class GradientTest extends TrainerRig {
    @Test
    void givenABatchThenTheGradientIsWhatTheNextStepFollowsAndChangesNothing() throws Exception {
        List<Trainer.Group> batch = sampled(adapter, 1);
        try (Trainer trainer = trainer()) {
            Gradient gradient = trainer.gradient(batch, DAPO);

            assertThat(gradient.tensors().keySet()).isEqualTo(adapter.tensors().keySet());
            assertThat(trainer.adapter().hash()).isEqualTo(adapter.hash());
            double square = 0;
            for (HostTensor tensor : gradient.tensors().values()) {
                for (float value : tensor.values()) {
                    square += value * value;
                }
            }
            assertThat(figure(trainer.policyStep(batch, DAPO, NONE, 1, 1e-3), "grad_norm"))
                    .isCloseTo(Math.sqrt(square), within(1e-4 * Math.sqrt(square)));
        }
    }

    @Test
    void givenTwoGradientsThenTheWorstTensorAndTheAngleAreTold() {
        Gradient a = new Gradient(new TreeMap<>(Map.of("p", tensor(1, 0), "q", tensor(0, 2))));
        Gradient b = new Gradient(new TreeMap<>(Map.of("p", tensor(1, 0), "q", tensor(1, 2))));

        assertThat(a.from(b)).isEqualTo(new Gradient.Difference(0.5, "q", 5 / Math.sqrt(5 * 6)));
        assertThat(a.from(a).largest()).isZero();
        assertThatThrownBy(() -> a.from(new Gradient(new TreeMap<>(Map.of("p", tensor(1, 0))))))
                .isInstanceOf(ModelException.class)
                .hasMessageContaining("tensor q is not in both");
    }

    @Test
    void givenAFileWithTheNamesOfCurrentPeftThenTheyAreTheAdapters() throws Exception {
        String name = "base_model.model.model.language_model.layers.0.mlp.up_proj.lora_A.weight";
        Path file = directory.resolve("gradient.safetensors");
        Files.write(file, Safetensors.write(new TreeMap<>(Map.of(name, tensor(1, 0))), Map.of()));

        assertThat(Gradient.read(file).tensors())
                .containsOnlyKeys("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight");
    }

    private static HostTensor tensor(float... values) {
        return new HostTensor(new long[] {values.length}, values);
    }
}
