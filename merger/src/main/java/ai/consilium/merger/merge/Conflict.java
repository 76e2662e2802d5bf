package ai.consilium.merger.merge;

import ai.consilium.policy.torch.Scope;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * How much the experts' updates of one weight are at odds.
 *
 * @param signConflictRate share of entries that at least one expert raises and another lowers, of those that any expert moves
 * @param cancelledMass 1 − Σ|Σ_t τ_t| / ΣΣ|τ_t|: what plain addition would lose, in [0, 1]
 * @param meanCosine mean over the pairs of experts of the cosine of their updates; 0 where an update is 0
 */
record Conflict(double signConflictRate, double cancelledMass, double meanCosine) {
    /** Measures the updates of one weight. */
    static Conflict of(List<Factors> updates, Linalg linalg) {
        double[] sums;
        try (Scope scope = Scope.open()) {
            sums = linalg.opposition(updates, scope);
        }
        return new Conflict(
                sums[0] == 0 ? 0 : sums[1] / sums[0], sums[3] == 0 ? 0 : 1 - sums[2] / sums[3], meanCosine(updates));
    }

    private static double meanCosine(List<Factors> updates) {
        double sum = 0;
        int pairs = 0;
        for (int i = 0; i < updates.size(); i++) {
            for (int j = i + 1; j < updates.size(); j++) {
                sum += cosine(updates.get(i), updates.get(j));
                pairs++;
            }
        }
        return pairs == 0 ? 0 : sum / pairs;
    }

    /** Cosine of two updates seen as vectors; 0 where one of them is 0. */
    static double cosine(Factors left, Factors right) {
        double norms = Math.sqrt(product(left, left) * product(right, right));
        return norms == 0 ? 0 : product(left, right) / norms;
    }

    /** ⟨b a, b' a'⟩ = ⟨bᵀ b', a a'ᵀ⟩. */
    private static double product(Factors left, Factors right) {
        DMatrixRMaj b = CommonOps_DDRM.multTransA(left.b(), right.b(), null);
        DMatrixRMaj a = CommonOps_DDRM.multTransB(left.a(), right.a(), null);
        return CommonOps_DDRM.elementSum(CommonOps_DDRM.elementMult(a, b, null));
    }
}
