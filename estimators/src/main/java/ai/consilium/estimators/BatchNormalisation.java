package ai.consilium.estimators;

/**
 * The second half of {@link Gdpo}: {@code A = (s − μ)/(σ + ε)} over the sums s of a training batch. Where the sums have no
 * spread every advantage is 0.
 *
 * @param mean μ; 0 of no sums
 * @param deviation σ (ddof = 1); 0 of fewer than two sums
 */
public record BatchNormalisation(double mean, double deviation) {

    /** Statistics of a batch, added up in the order given. */
    public static BatchNormalisation of(double[] sums) {
        double mean = sums.length == 0 ? 0 : NanStatistics.mean(sums);
        double[] distances = new double[sums.length];
        for (int i = 0; i < sums.length; i++) {
            distances[i] = sums[i] - mean;
        }
        return new BatchNormalisation(mean, NanStatistics.deviation(distances));
    }

    /** The advantage that a member's sum becomes. */
    public double advantage(double sum) {
        double scale = deviation < NanStatistics.NO_SPREAD ? 0 : 1 / (deviation + NanStatistics.EPSILON);
        return (sum - mean) * scale;
    }
}
