package ai.consilium.merger.merge;

import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.mult.VectorVectorMult_DDRM;

/**
 * How much the experts' updates of one weight are at odds.
 *
 * @param signConflictRate share of entries that at least one expert raises and another lowers, of those that any expert moves
 * @param cancelledMass 1 − Σ|Σ_t τ_t| / ΣΣ|τ_t|: what plain addition would lose, in [0, 1]
 * @param meanCosine mean over the pairs of experts of the cosine of their updates; 0 where an update is 0
 */
record Conflict(double signConflictRate, double cancelledMass, double meanCosine) {
    /** Measures the updates of one weight. */
    static Conflict of(List<DMatrixRMaj> deltas) {
        int moved = 0;
        int opposed = 0;
        double mass = 0;
        double remaining = 0;
        int size = deltas.get(0).getNumElements();
        for (int i = 0; i < size; i++) {
            boolean up = false;
            boolean down = false;
            double sum = 0;
            for (DMatrixRMaj delta : deltas) {
                double entry = delta.get(i);
                up |= entry > 0;
                down |= entry < 0;
                sum += entry;
                mass += Math.abs(entry);
            }
            remaining += Math.abs(sum);
            moved += up || down ? 1 : 0;
            opposed += up && down ? 1 : 0;
        }
        return new Conflict(
                moved == 0 ? 0 : (double) opposed / moved, mass == 0 ? 0 : 1 - remaining / mass, meanCosine(deltas));
    }

    private static double meanCosine(List<DMatrixRMaj> deltas) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < deltas.size(); i++) {
            for (int j = i + 1; j < deltas.size(); j++) {
                sum += cosine(deltas.get(i), deltas.get(j));
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs;
    }

    /** Cosine of two updates seen as vectors; 0 where one of them is 0. */
    static double cosine(DMatrixRMaj left, DMatrixRMaj right) {
        double norms = NormOps_DDRM.fastNormF(left) * NormOps_DDRM.fastNormF(right);
        return norms == 0 ? 0 : VectorVectorMult_DDRM.innerProd(left, right) / norms;
    }
}
