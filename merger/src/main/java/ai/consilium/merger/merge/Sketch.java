package ai.consilium.merger.merge;

import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.RandomMatrices_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.QRPDecomposition_F64;

/**
 * Factors of a dense update: by a randomised range finder with power iterations (Halko, Martinsson and Tropp, 0909.4061,
 * algorithm 4.4), never by a decomposition of the whole matrix.
 */
final class Sketch {
    private static final int OVERSAMPLING = 16;
    private static final int POWER_ITERATIONS = 4;

    /** Factors of a rank, near the best. Deterministic. */
    static Factors of(DMatrixRMaj update, int rank) {
        int width = Math.min(rank + OVERSAMPLING, Math.min(update.numRows, update.numCols));
        DMatrixRMaj start = RandomMatrices_DDRM.rectangleGaussian(update.numCols, width, 0, 1, new Random(1));
        DMatrixRMaj q = basis(CommonOps_DDRM.mult(update, start, null));
        for (int i = 0; i < POWER_ITERATIONS; i++) {
            q = basis(CommonOps_DDRM.mult(update, basis(CommonOps_DDRM.multTransA(update, q, null)), null));
        }
        Factors wide = new Factors(q, CommonOps_DDRM.multTransA(q, update, null));
        return Truncation.of(wide, CommonOps_DDRM.multTransB(wide.a(), wide.a(), null), rank)
                .factors();
    }

    private static DMatrixRMaj basis(DMatrixRMaj columns) {
        QRPDecomposition_F64<DMatrixRMaj> qr = DecompositionFactory_DDRM.qrp(columns.numRows, columns.numCols);
        if (!qr.decompose(columns)) {
            throw new IllegalStateException("the QR decomposition of a merged update failed");
        }
        return qr.getQ(null, true);
    }

    private Sketch() {}
}
