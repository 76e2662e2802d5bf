package ai.consilium.merger.merge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/**
 * One weight of the merged agent: ΔW(λ) = λ · merged + (1 − λ · mass) · shared.
 *
 * @param merged of the experts
 * @param mass how much of the shared start is in it: 0 when it was taken off before
 * @param shared what all experts started from; empty for the base
 * @param metric [r, r] a H aᵀ for the rows a of merged and, below, of shared; H are the inputs' products, or 1
 * @param conflict of what the experts learnt
 * @param interference of each expert, as {@link ConflictReport.Weight} has it
 */
record MergedWeight(
        Factors merged,
        double mass,
        Optional<Factors> shared,
        DMatrixRMaj metric,
        Conflict conflict,
        List<Double> interference) {

    MergedWeight withInterference(List<Double> measured) {
        return new MergedWeight(merged, mass, shared, metric, conflict, measured);
    }

    /** ΔW(λ) at its full rank. */
    Factors exact(double lambda) {
        List<Factors> parts = new ArrayList<>(List.of(merged.times(lambda)));
        double left = 1 - lambda * mass;
        if (shared.isPresent() && left != 0) {
            parts.add(shared.get().times(left));
        }
        return Factors.sum(parts);
    }

    /** ΔW(λ) at a rank. */
    Truncation at(double lambda, int rank) {
        Factors exact = exact(lambda);
        return Truncation.of(exact, CommonOps_DDRM.extract(metric, 0, exact.rank(), 0, exact.rank()), rank);
    }
}
