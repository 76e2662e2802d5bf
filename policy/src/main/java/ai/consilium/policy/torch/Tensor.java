package ai.consilium.policy.torch;

import ai.djl.pytorch.engine.PtNDArray;

/** A tensor in native memory, freed with the {@link Scope} that owns it. float32 unless it says otherwise. */
public final class Tensor {
    private final PtNDArray array;

    Tensor(PtNDArray array) {
        this.array = array;
    }

    PtNDArray array() {
        return array;
    }

    /** Dimensions. */
    public long[] shape() {
        return array.getShape().getShape();
    }

    /** Number of elements. */
    public long size() {
        return array.size();
    }

    /** Row-major copy of a float32 tensor. */
    public float[] floats() {
        return array.toFloatArray();
    }

    /** Row-major copy of a float64 tensor. */
    public double[] doubles() {
        return array.toDoubleArray();
    }

    /** Row-major copy of an int64 tensor. */
    public long[] longs() {
        return array.toLongArray();
    }

    /** The value of a float32 scalar. */
    public double scalar() {
        return array.getFloat();
    }

    /** Makes it a leaf that gradients are taken for. */
    public Tensor requireGradient() {
        array.setRequiresGradient(true);
        return this;
    }
}
