package ai.consilium.merger.merge;

import ai.consilium.policy.torch.Tensor;
import java.util.List;

/** What the linear maps of the experts are given on their own cases. */
@FunctionalInterface
public interface Activations {
    /**
     * Rows [n, in] of each expert, in their order; valid until the next call. Weights are asked for layer by layer.
     *
     * @param module in PEFT's spelling, without the lora suffix
     */
    List<Tensor> of(String module);
}
