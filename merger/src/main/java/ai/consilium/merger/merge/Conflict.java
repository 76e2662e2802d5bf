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
 * @param meanOverlap mean over the pairs of experts of ‖τᵀ τ'‖² / (‖τᵀ τ‖ ‖τ'ᵀ τ'‖): 1 where both write to the same directions of
 *     the output with the same strengths, whatever input they answer to; 0 where these directions are orthogonal, or an update is 0
 */
public record Conflict(double signConflictRate, double cancelledMass, double meanCosine, double meanOverlap) {
    /** Measures the updates of one weight. */
    static Conflict of(List<Factors> updates, Linalg linalg) {
        double[] sums;
        try (Scope scope = Scope.open()) {
            sums = linalg.opposition(updates, scope);
        }
        double cosines = 0;
        double overlaps = 0;
        int pairs = 0;
        List<Products> own = updates.stream().map(one -> Products.of(one, one)).toList();
        for (int i = 0; i < own.size(); i++) {
            for (int j = i + 1; j < own.size(); j++) {
                Products both = Products.of(updates.get(i), updates.get(j));
                cosines +=
                        normalised(both.inner(), own.get(i).inner(), own.get(j).inner());
                overlaps += normalised(
                        both.aligned(own.get(i), own.get(j)),
                        own.get(i).aligned(own.get(i), own.get(i)),
                        own.get(j).aligned(own.get(j), own.get(j)));
                pairs++;
            }
        }
        return new Conflict(
                sums[0] == 0 ? 0 : sums[1] / sums[0],
                sums[3] == 0 ? 0 : 1 - sums[2] / sums[3],
                cosines / Math.max(1, pairs),
                overlaps / Math.max(1, pairs));
    }

    private static double normalised(double product, double left, double right) {
        double norms = Math.sqrt(left * right);
        return norms == 0 ? 0 : product / norms;
    }

    /**
     * Of two updates b a and b' a': with these, no larger than their ranks, neither has to be multiplied out.
     *
     * @param b bᵀ b'
     * @param a a a'ᵀ
     */
    private record Products(DMatrixRMaj b, DMatrixRMaj a) {
        static Products of(Factors left, Factors right) {
            return new Products(
                    CommonOps_DDRM.multTransA(left.b(), right.b(), null),
                    CommonOps_DDRM.multTransB(left.a(), right.a(), null));
        }

        /** ⟨b a, b' a'⟩. */
        double inner() {
            return CommonOps_DDRM.elementSum(CommonOps_DDRM.elementMult(a, b, null));
        }

        /** ‖(b a)ᵀ b' a'‖², given the products of each with itself. */
        double aligned(Products left, Products right) {
            DMatrixRMaj seen = CommonOps_DDRM.mult(CommonOps_DDRM.mult(left.a, b, null), right.a, null);
            return CommonOps_DDRM.elementSum(CommonOps_DDRM.elementMult(seen, b, null));
        }
    }
}
