package ai.consilium.evaluation;

/**
 * A figure with its 95 % interval.
 *
 * @param estimate the figure
 * @param low lower end
 * @param high upper end
 */
public record Interval(double estimate, double low, double high) {
    /** 0.975 quantile of the standard normal distribution. */
    private static final double Z = 1.959963984540054;

    /** Whether the whole interval lies above 0. */
    public boolean aboveZero() {
        return low > 0;
    }

    /**
     * A proportion with Wilson's score interval (Wilson 1927), which stays within [0, 1] and is right for small samples.
     *
     * @throws IllegalArgumentException unless 0 ≤ correct ≤ n and n ≥ 1
     */
    public static Interval wilson(int correct, int n) {
        if (n < 1 || correct < 0 || correct > n) {
            throw new IllegalArgumentException("no proportion: " + correct + " of " + n);
        }
        return wilsonOfMean((double) correct / n, n);
    }

    /**
     * The same for the mean p of n independent values in [0, 1], such as each case's share of right samples: they vary at
     * most as much as hits and misses with the same mean, so that the interval is rather too wide than too narrow.
     *
     * @throws IllegalArgumentException unless 0 ≤ p ≤ 1 and n ≥ 1
     */
    public static Interval wilsonOfMean(double p, int n) {
        if (n < 1 || !(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("no mean of shares: " + p + " over " + n);
        }
        double z2 = Z * Z;
        double centre = (p + z2 / (2 * n)) / (1 + z2 / n);
        double half = Z / (1 + z2 / n) * Math.sqrt(p * (1 - p) / n + z2 / (4.0 * n * n));
        return new Interval(p, Math.max(0, centre - half), Math.min(1, centre + half));
    }
}
