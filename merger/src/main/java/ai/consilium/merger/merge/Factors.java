package ai.consilium.merger.merge;

import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.HostTensor;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * The update of one weight in factors, ΔW = b · a: of any rank, and multiplied out only where a method asks for entries.
 *
 * @param b [out, rank], the adapter's scale included
 * @param a [rank, in]
 */
record Factors(DMatrixRMaj b, DMatrixRMaj a) {
    static final String A = ".lora_A.weight";
    static final String B = ".lora_B.weight";

    /** Checks that they fit together. */
    Factors {
        if (b.numCols != a.numRows) {
            throw new IllegalArgumentException(
                    "factors do not fit together: " + b.numCols + " columns and " + a.numRows + " rows");
        }
    }

    /**
     * What an adapter adds to a weight.
     *
     * @param module the weight in PEFT's spelling, without the lora suffix
     * @throws IllegalArgumentException when it does not update the weight, naming it
     */
    static Factors of(Adapter adapter, String module) {
        HostTensor a = adapter.tensors().get(module + A);
        HostTensor b = adapter.tensors().get(module + B);
        if (a == null || b == null) {
            throw new IllegalArgumentException("an adapter does not update " + module);
        }
        try {
            return new Factors(matrix(adapter.scale(), b), matrix(1, a));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(module + ": " + e.getMessage(), e);
        }
    }

    /** Weights that an adapter updates. */
    static List<String> modules(Adapter adapter) {
        return adapter.tensors().keySet().stream()
                .filter(name -> name.endsWith(A))
                .map(name -> name.substring(0, name.length() - A.length()))
                .toList();
    }

    /** Their sum, exact: side by side, so that ranks add up and no product is formed. */
    static Factors sum(List<Factors> parts) {
        int rank = parts.stream().mapToInt(Factors::rank).sum();
        DMatrixRMaj b = new DMatrixRMaj(parts.get(0).b.numRows, rank);
        DMatrixRMaj a = new DMatrixRMaj(rank, parts.get(0).a.numCols);
        int at = 0;
        for (Factors part : parts) {
            CommonOps_DDRM.insert(part.b, b, 0, at);
            CommonOps_DDRM.insert(part.a, a, at, 0);
            at += part.rank();
        }
        return new Factors(b, a);
    }

    int rank() {
        return a.numRows;
    }

    Factors times(double factor) {
        DMatrixRMaj scaled = b.copy();
        CommonOps_DDRM.scale(factor, scaled);
        return new Factors(scaled, a);
    }

    /** ΔW [out, in]. */
    DMatrixRMaj dense() {
        return CommonOps_DDRM.mult(b, a, null);
    }

    /** For a weight that is not updated: zero, of this shape. */
    Factors zero() {
        return new Factors(new DMatrixRMaj(b.numRows, 1), new DMatrixRMaj(1, a.numCols));
    }

    boolean hasShapeOf(Factors other) {
        return b.numRows == other.b.numRows && a.numCols == other.a.numCols;
    }

    private static DMatrixRMaj matrix(double scale, HostTensor tensor) {
        DMatrixRMaj matrix = new DMatrixRMaj(Math.toIntExact(tensor.shape()[0]), Math.toIntExact(tensor.shape()[1]));
        for (int i = 0; i < tensor.values().length; i++) {
            matrix.set(i, scale * tensor.values()[i]);
        }
        return matrix;
    }
}
