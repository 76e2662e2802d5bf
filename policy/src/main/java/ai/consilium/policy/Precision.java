package ai.consilium.policy;

/** Type of weights and activations. */
public enum Precision {
    /** float32. */
    FP32(6),
    /** bfloat16: half the memory, and faster where the processor multiplies it. */
    BF16(15);

    private final int dtype;

    Precision(int dtype) {
        this.dtype = dtype;
    }

    /** libtorch's number for it. */
    int dtype() {
        return dtype;
    }
}
