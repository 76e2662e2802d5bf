package ai.consilium.policy.torch;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/**
 * Owns tensors: closing it frees them. The garbage collector frees no native memory, so every step opens one. Usable
 * from several threads.
 */
public final class Scope implements AutoCloseable {
    /** Elements of larger tensors that are copied at once. */
    private static final int PIECE = 1 << 20;

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
        if (values.length <= PIECE) {
            return owned(manager.create(values, new Shape(shape)));
        }
        FloatBuffer all = FloatBuffer.wrap(values);
        return inPieces(
                all,
                DataType.FLOAT32,
                shape,
                (piece, from) -> piece.asFloatBuffer().put(from));
    }

    /** A float64 tensor. */
    public Tensor doubles(double[] values, long... shape) {
        if (values.length <= PIECE) {
            return owned(manager.create(values, new Shape(shape)));
        }
        DoubleBuffer all = DoubleBuffer.wrap(values);
        return inPieces(
                all,
                DataType.FLOAT64,
                shape,
                (piece, from) -> piece.asDoubleBuffer().put(from));
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

    /**
     * Copies by way of one small buffer: DJL's own, as large as the tensor, would stay until the garbage collector comes, which does not
     * see how large it is.
     */
    private <B extends Buffer> Tensor inPieces(B values, DataType type, long[] shape, BiConsumer<ByteBuffer, B> copy) {
        PtNDArray whole = (PtNDArray) manager.create(new Shape(shape), type);
        ByteBuffer piece = manager.allocateDirect(PIECE * type.getNumOfBytes());
        int length = values.limit();
        try (NDArray flat = whole.reshape(length)) {
            for (int first = 0; first < length; first += PIECE) {
                int last = Math.min(length, first + PIECE);
                values.limit(last).position(first);
                piece.clear().limit((last - first) * type.getNumOfBytes());
                copy.accept(piece, values);
                try (NDArray mapped = manager.create(piece, new Shape(last - first), type)) {
                    flat.set(new NDIndex("{}:{}", first, last), mapped);
                }
            }
        }
        return new Tensor(whole);
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
