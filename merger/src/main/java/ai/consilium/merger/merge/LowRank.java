package ai.consilium.merger.merge;

import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;

/**
 * The best approximation of a weight update at a rank: B · A by truncated SVD, the singular values shared evenly.
 *
 * @param b [out, rank]
 * @param a [rank, in]
 * @param relativeError ‖ΔW − BA‖ / ‖ΔW‖ in the Frobenius norm; 0 where ΔW is 0
 */
record LowRank(DMatrixRMaj b, DMatrixRMaj a, double relativeError) {
    /** Factors an update. A rank above the smaller side is filled up with zeros. */
    static LowRank of(DMatrixRMaj update, int rank) {
        int rows = update.numRows;
        int columns = update.numCols;
        DMatrixRMaj b = new DMatrixRMaj(rows, rank);
        DMatrixRMaj a = new DMatrixRMaj(rank, columns);
        double norm = NormOps_DDRM.fastNormF(update);
        if (norm == 0) {
            return new LowRank(b, a, 0);
        }
        SingularValueDecomposition_F64<DMatrixRMaj> svd =
                DecompositionFactory_DDRM.svd(rows, columns, true, true, true);
        if (!svd.decompose(update.copy())) {
            throw new IllegalStateException("the singular value decomposition of a merged update did not converge");
        }
        DMatrixRMaj u = svd.getU(null, false);
        DMatrixRMaj vt = svd.getV(null, true);
        DMatrixRMaj w = svd.getW(null);
        SingularOps_DDRM.descendingOrder(u, false, w, vt, true);
        int values = Math.min(w.numRows, w.numCols);
        double lost = 0;
        for (int k = 0; k < values; k++) {
            double singular = w.get(k, k);
            if (k >= rank) {
                lost += singular * singular;
                continue;
            }
            double root = Math.sqrt(singular);
            for (int row = 0; row < rows; row++) {
                b.set(row, k, root * u.get(row, k));
            }
            for (int column = 0; column < columns; column++) {
                a.set(k, column, root * vt.get(k, column));
            }
        }
        return new LowRank(b, a, Math.sqrt(lost) / norm);
    }
}
