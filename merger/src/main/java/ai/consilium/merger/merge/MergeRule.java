package ai.consilium.merger.merge;

import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;

/** How the experts' updates of one weight become one update. Pure; the caller scales by λ. */
public sealed interface MergeRule {
    /**
     * Merges the updates of one weight.
     *
     * @param deltas ΔW of each expert, equal shapes
     * @param weights one per expert
     */
    DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights);

    /** Σ w τ / Σ w. */
    record Average() implements MergeRule {
        @Override
        public DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights) {
            double total = 0;
            for (double weight : weights) {
                total += weight;
            }
            DMatrixRMaj merged = deltas.get(0).createLike();
            for (int t = 0; t < deltas.size(); t++) {
                CommonOps_DDRM.addEquals(merged, weights[t] / total, deltas.get(t));
            }
            return merged;
        }
    }

    /**
     * TIES (Yadav et al., 2306.01708) with the semantics of PEFT's {@code merge_utils.ties}: keep the ⌊density · n⌋ entries of
     * each expert that are largest in magnitude, elect the sign of the unweighted sum (0 counts as positive), and divide the
     * weighted sum of the entries that agree by their count.
     */
    record Ties(double density) implements MergeRule {
        @Override
        public DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights) {
            List<double[]> trimmed =
                    deltas.stream().map(delta -> trim(delta.data)).toList();
            DMatrixRMaj merged = deltas.get(0).createLike();
            for (int i = 0; i < merged.getNumElements(); i++) {
                merged.set(i, agree(trimmed, weights, i));
            }
            return merged;
        }

        private static double agree(List<double[]> trimmed, double[] weights, int i) {
            double elected = 0;
            for (double[] delta : trimmed) {
                elected += delta[i];
            }
            double sign = elected >= 0 ? 1 : -1;
            double sum = 0;
            int count = 0;
            for (int t = 0; t < weights.length; t++) {
                double entry = trimmed.get(t)[i];
                if (Math.signum(entry) == sign) {
                    sum += weights[t] * entry;
                    count++;
                }
            }
            return sum / Math.max(count, 1);
        }

        private double[] trim(double[] delta) {
            int keep = (int) (density * delta.length);
            double[] magnitudes = new double[delta.length];
            for (int i = 0; i < delta.length; i++) {
                magnitudes[i] = Math.abs(delta[i]);
            }
            double[] sorted = magnitudes.clone();
            Arrays.sort(sorted);
            double threshold = keep == 0 ? Double.POSITIVE_INFINITY : sorted[delta.length - keep];
            int above =
                    (int) Arrays.stream(magnitudes).filter(m -> m > threshold).count();
            // Of entries that equal the threshold the earlier ones stay, so that exactly `keep` do.
            int atThreshold = keep - above;
            double[] kept = new double[delta.length];
            for (int i = 0; i < delta.length; i++) {
                if (magnitudes[i] > threshold || (magnitudes[i] == threshold && atThreshold-- > 0)) {
                    kept[i] = delta[i];
                }
            }
            return kept;
        }
    }
}
