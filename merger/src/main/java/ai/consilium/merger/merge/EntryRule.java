package ai.consilium.merger.merge;

import ai.consilium.random.SplitMix64;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.ejml.data.DMatrixRMaj;

/** How the entries of the experts' updates of one weight become those of one update. Pure. */
sealed interface EntryRule {
    /**
     * Merges the updates of one weight.
     *
     * @param deltas ΔW of each expert, equal shapes
     * @param weights one per expert
     * @param module which weight, for rules that draw
     */
    DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights, String module);

    /**
     * TIES (Yadav et al., 2306.01708) with the semantics of PEFT's {@code merge_utils.ties}: keep the ⌊density · n⌋ entries of
     * each expert that are largest in magnitude, elect the sign of the unweighted sum (0 counts as positive), and divide the
     * weighted sum of the entries that agree by their count.
     */
    record Ties(double density) implements EntryRule {
        @Override
        public DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights, String module) {
            return agree(deltas.stream().map(delta -> trim(delta.data)).toList(), weights, deltas.get(0));
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

    /**
     * DARE (Yu et al., 2311.03099) before the election of TIES, with the semantics of PEFT's {@code merge_utils.dare_ties}: each
     * entry stays with probability density and is divided by it.
     *
     * @param mask which entries stay
     */
    record DareTies(double density, Mask mask) implements EntryRule {
        /** Draws which entries of an expert's update stay. */
        @FunctionalInterface
        interface Mask {
            boolean keeps(String module, int expert, int entry);

            /** Independent draws from a seed. */
            static Mask drawn(double density, long seed) {
                return (module, expert, entry) ->
                        SplitMix64.uniform(seed ^ ((long) module.hashCode() << 32), expert, entry) < density;
            }
        }

        /** With draws from a seed. */
        DareTies(double density, long seed) {
            this(density, Mask.drawn(density, seed));
        }

        @Override
        public DMatrixRMaj merge(List<DMatrixRMaj> deltas, double[] weights, String module) {
            List<double[]> thinned = new ArrayList<>();
            for (int t = 0; t < deltas.size(); t++) {
                double[] delta = deltas.get(t).data;
                double[] kept = new double[delta.length];
                for (int i = 0; i < delta.length; i++) {
                    kept[i] = mask.keeps(module, t, i) ? delta[i] / density : 0;
                }
                thinned.add(kept);
            }
            return agree(thinned, weights, deltas.get(0));
        }
    }

    private static DMatrixRMaj agree(List<double[]> deltas, double[] weights, DMatrixRMaj like) {
        DMatrixRMaj merged = like.createLike();
        for (int i = 0; i < merged.getNumElements(); i++) {
            merged.set(i, agreed(deltas, weights, i));
        }
        return merged;
    }

    private static double agreed(List<double[]> deltas, double[] weights, int i) {
        double elected = 0;
        for (double[] delta : deltas) {
            elected += delta[i];
        }
        double sign = elected >= 0 ? 1 : -1;
        double sum = 0;
        int count = 0;
        for (int t = 0; t < weights.length; t++) {
            double entry = deltas.get(t)[i];
            if (Math.signum(entry) == sign) {
                sum += weights[t] * entry;
                count++;
            }
        }
        return sum / Math.max(count, 1);
    }
}
