package ai.consilium.evaluation;

/** Chance that at least one of k completions is right (Chen et al., 2107.03374). */
public final class PassAtK {
    /**
     * The unbiased estimate 1 − C(n−c, k) / C(n, k).
     *
     * @param n completions that were sampled
     * @param correct c, those that were right
     * @param k completions that one may try, 1 ≤ k ≤ n
     */
    public static double estimate(int n, int correct, int k) {
        if (k < 1 || k > n || correct < 0 || correct > n) {
            throw new IllegalArgumentException("no pass@" + k + " of " + correct + " right among " + n);
        }
        if (n - correct < k) {
            return 1;
        }
        double allWrong = 1;
        for (int i = n - correct + 1; i <= n; i++) {
            allWrong *= 1.0 - (double) k / i;
        }
        return 1 - allWrong;
    }

    private PassAtK() {}
}
