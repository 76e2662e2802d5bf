package ai.consilium.merger.merge;

import java.util.Arrays;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.EigenDecomposition_F64;
import org.ejml.interfaces.decomposition.QRPDecomposition_F64;

/**
 * The best approximation of an update in factors at a lower rank, in the space of its factors: with b = Q R and a metric
 * C = a H aᵀ of the inputs, the eigenvectors U of R C Rᵀ give b' = Q U and a' = Uᵀ R a, which is best in ‖(ΔW − ΔW') H^½‖
 * (Eckart and Young). Nothing larger than [out, rank] is made.
 *
 * @param factors of the lower rank
 * @param relativeError in that norm; 0 where the update is 0
 */
record Truncation(Factors factors, double relativeError) {
    /** @param metric [rank, rank], a H aᵀ; with H = 1 it is a aᵀ */
    static Truncation of(Factors update, DMatrixRMaj metric, int rank) {
        if (update.rank() <= rank) {
            return new Truncation(update, 0);
        }
        // Pivots, because columns of merged updates may depend on one another.
        QRPDecomposition_F64<DMatrixRMaj> qr = DecompositionFactory_DDRM.qrp(update.b().numRows, update.rank());
        if (!qr.decompose(update.b().copy())) {
            throw new IllegalStateException("the QR decomposition of a merged update failed");
        }
        DMatrixRMaj q = qr.getQ(null, true);
        DMatrixRMaj r = CommonOps_DDRM.multTransB(qr.getR(null, true), qr.getColPivotMatrix(null), null);
        DMatrixRMaj core = CommonOps_DDRM.multTransB(CommonOps_DDRM.mult(r, metric, null), r, null);
        EigenDecomposition_F64<DMatrixRMaj> eigen = DecompositionFactory_DDRM.eig(core.numRows, true, true);
        symmetrise(core);
        if (!eigen.decompose(core)) {
            throw new IllegalStateException("the eigenvalues of a merged update did not converge");
        }
        Integer[] order = new Integer[core.numRows];
        double all = 0;
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
            all += value(eigen, i);
        }
        Arrays.sort(order, (i, j) -> Double.compare(value(eigen, j), value(eigen, i)));
        DMatrixRMaj u = new DMatrixRMaj(core.numRows, rank);
        double kept = 0;
        for (int k = 0; k < rank; k++) {
            CommonOps_DDRM.insert(eigen.getEigenVector(order[k]), u, 0, k);
            kept += value(eigen, order[k]);
        }
        DMatrixRMaj a = CommonOps_DDRM.mult(CommonOps_DDRM.multTransA(u, r, null), update.a(), null);
        double error = all == 0 ? 0 : Math.sqrt(Math.max(0, all - kept) / all);
        return new Truncation(new Factors(CommonOps_DDRM.mult(q, u, null), a), error);
    }

    private static double value(EigenDecomposition_F64<DMatrixRMaj> eigen, int i) {
        return Math.max(0, eigen.getEigenvalue(i).getReal());
    }

    private static void symmetrise(DMatrixRMaj matrix) {
        for (int i = 0; i < matrix.numRows; i++) {
            for (int j = 0; j < i; j++) {
                double mean = (matrix.get(i, j) + matrix.get(j, i)) / 2;
                matrix.set(i, j, mean);
                matrix.set(j, i, mean);
            }
        }
    }
}
