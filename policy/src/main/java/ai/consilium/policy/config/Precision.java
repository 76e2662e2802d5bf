package ai.consilium.policy.config;

import java.util.Locale;

/** Type of weights and activations. */
public enum Precision {
    /** float32. */
    FP32(6, 4, 1e-4),
    /** bfloat16: half the memory, and faster where the processor multiplies it. */
    BF16(15, 2, 2e-2);

    private final int dtype;
    private final int bytes;
    private final double logprobTolerance;

    Precision(int dtype, int bytes, double logprobTolerance) {
        this.dtype = dtype;
        this.bytes = bytes;
        this.logprobTolerance = logprobTolerance;
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

    /**
     * What rounding explains of the mean difference of log-probabilities between sampler and learner
     * (docs/algorithms.md, Policy loss).
     */
    public double logprobTolerance() {
        return logprobTolerance;
    }

    /** Of a value. */
    public int bytes() {
        return bytes;
    }
}
