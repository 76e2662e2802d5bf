package ai.consilium.policy.memory;

import ai.consilium.policy.adapter.ResidentAdapter;
import ai.consilium.policy.config.LoraTarget;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.config.QwenConfig;
import java.util.List;

/**
 * Bytes that LoRA adapters of one shape take.
 *
 * @param targets projections, in PEFT's spelling
 */
public record AdapterMemory(QwenConfig config, int rank, List<String> targets) {
    /** Values of A and B of all layers. */
    public long parameters() {
        return LoraTarget.of(config, targets).stream()
                .mapToLong(target -> (long) rank * (target.in() + target.out()))
                .sum();
    }

    /** An adapter in float32. */
    public long bytes() {
        return parameters() * Float.BYTES;
    }

    /** Its factors beside the base's matrices, as sampling takes them. */
    public long besideBytes(Precision precision) {
        return ResidentAdapter.fusedSize(config, rank, targets) * precision.bytes();
    }

    /** An adapter that is trained: itself and the two moments of AdamW. */
    public long trainedBytes() {
        return 3 * bytes();
    }

    /** While its gradient is computed: the sum, that of a part, and the factors in the activations' type with theirs. */
    public long gradientBytes(Precision precision) {
        return 2 * bytes() + 2 * besideBytes(precision);
    }
}
