package ai.consilium.policy.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Owns tensors: closing it frees them. The garbage collector frees no native memory, so every step opens one. Usable
 * from several threads.
 */
public final class Scope implements AutoCloseable {
    private static final AtomicInteger OPEN = new AtomicInteger();

    private final PtNDManager manager;

    private Scope(PtNDManager manager) {
        this.manager = manager;
    }

    /** A scope of its own. */
    public static Scope open() {
        TorchRuntime.start();
        OPEN.incrementAndGet();
        return new Scope((PtNDManager) NDManager.newBaseManager(TorchRuntime.device(), "PyTorch"));
    }

    /** Number of scopes open in this process: grows without bound only if somebody forgets to close them. */
    public static int openScopes() {
        return OPEN.get();
    }

    /** Number of tensors that it owns. */
    public int size() {
        return manager.getManagedArrays().size();
    }

    /** A float32 tensor. */
    public Tensor floats(float[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /** A float64 tensor. */
    public Tensor doubles(double[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /** An int64 tensor. */
    public Tensor longs(long[] values, long... shape) {
        return owned(manager.create(values, new Shape(shape)));
    }

    /** Takes a tensor over from the scope that owned it. */
    public Tensor adopt(Tensor tensor) {
        tensor.array().attach(manager);
        return tensor;
    }

    PtNDManager manager() {
        return manager;
    }

    /** DJL maps a Java buffer; libtorch's own memory is 64-byte aligned, which the same bits in every process need. */
    private Tensor owned(NDArray mapped) {
        try (mapped) {
            return new Tensor((PtNDArray) mapped.duplicate());
        }
    }

    @Override
    public void close() {
        OPEN.decrementAndGet();
        manager.close();
    }
}
