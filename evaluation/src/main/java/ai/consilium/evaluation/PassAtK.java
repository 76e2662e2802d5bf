package ai.consilium.evaluation;

import java.util.List;
import java.util.TreeSet;

/** The chance that at least one of k answers to a case is right, estimated without bias (Chen et al., 2107.03374). Pure. */
public final class PassAtK {
    private PassAtK() {}

    /**
     * 1 − C(n − c, k) / C(n, k), as a product, because the binomials overflow.
     *
     * @param samples n
     * @param correct c
     * @throws IllegalArgumentException unless 0 ≤ c ≤ n and 1 ≤ k ≤ n
     */
    public static double of(int samples, int correct, int k) {
        if (correct < 0 || correct > samples || k < 1 || k > samples) {
            throw new IllegalArgumentException("no pass@" + k + " of " + correct + " right among " + samples);
        }
        double allWrong = 1;
        for (int i = samples - correct + 1; i <= samples; i++) {
            allWrong *= Math.max(0, 1 - (double) k / i);
        }
        return 1 - allWrong;
    }

    /** The k that are reported: powers of two up to the number of samples, and that number. */
    public static List<Integer> ks(int samples) {
        TreeSet<Integer> ks = new TreeSet<>(List.of(samples));
        for (int k = 1; k < samples; k *= 2) {
            ks.add(k);
        }
        return List.copyOf(ks);
    }
}
