package ai.consilium.policy;

import java.util.List;
import java.util.SortedMap;

/**
 * A LoRA adapter on the host: immutable, by PEFT's tensor names ({@code
 * base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight}), lora_A [rank, in], lora_B [out, rank]; the update of
 * a weight is (alpha / rank) · B · A (Hu et al., 2106.09685).
 *
 * @param rank r
 * @param alpha numerator of the scale
 * @param targets projections that carry an update, for example q_proj; in PEFT's spelling
 * @param tensors by PEFT name
 */
public record Adapter(int rank, double alpha, List<String> targets, SortedMap<String, HostTensor> tensors) {

    /** A float32 tensor on the host. @param shape dimensions @param values row-major */
    public record HostTensor(long[] shape, float[] values) {}

    /** A ~ N(0, 1/in), B = 0: step 0 equals the base model exactly. */
    public static Adapter initial(ModelDirectory model, int rank, double alpha, List<String> targets, long seed) {
        throw new UnsupportedOperationException("stub");
    }

    /** SHA-256 (hex) of names, shapes and little-endian values in name order: what is resident is what is hashed. */
    public String hash() {
        throw new UnsupportedOperationException("stub");
    }

    /** The safetensors file; metadata holds rank, alpha, targets and format=pt. */
    public byte[] toSafetensors() {
        throw new UnsupportedOperationException("stub");
    }

    /** Reads {@link #toSafetensors()}. @throws ModelException naming what is wrong */
    public static Adapter fromSafetensors(byte[] file, String name) {
        throw new UnsupportedOperationException("stub");
    }

    /** Writes a PEFT directory: adapter_config.json, adapter_model.safetensors, README.md. */
    public void writePeft(java.nio.file.Path directory, String baseModel, String card) {
        throw new UnsupportedOperationException("stub");
    }

    /** Reads a PEFT directory. @throws ModelException naming what is wrong */
    public static Adapter readPeft(java.nio.file.Path directory) {
        throw new UnsupportedOperationException("stub");
    }
}
