package ai.consilium.policy.config;

import java.util.Locale;

/** Type of weights and activations. */
public enum Precision {
    /** float32. */
    FP32(6, 4),
    /** bfloat16: half the memory, and faster where the processor multiplies it. */
    BF16(15, 2);

    private final int dtype;
    private final int bytes;

    Precision(int dtype, int bytes) {
        this.dtype = dtype;
        this.bytes = bytes;
    }

    /** By its name in configuration. @throws IllegalArgumentException naming those that there are */
    public static Precision named(String name) {
        for (Precision precision : values()) {
            if (precision.label().equals(name)) {
                return precision;
            }
        }
        throw new IllegalArgumentException("dtype must be fp32 or bf16, not '" + name + "'");
    }

    /** Its name in configuration: fp32 or bf16. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** libtorch's number for it. */
    public int dtype() {
        return dtype;
    }

    /** Of a value. */
    public int bytes() {
        return bytes;
    }
}
