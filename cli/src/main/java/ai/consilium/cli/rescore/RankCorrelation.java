package ai.consilium.cli.rescore;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/** Spearman's rank correlation. Pure. */
final class RankCorrelation {
    private RankCorrelation() {}

    /** ρ of paired values, ties sharing the mean of their ranks; NaN where there are fewer than two, or one side has one value only. */
    static double spearman(double[] first, double[] second) {
        double[] a = ranks(first);
        double[] b = ranks(second);
        // Ranks, shared or not, always have this mean.
        double mean = (a.length + 1) / 2.0;
        double products = 0;
        double squaresOfA = 0;
        double squaresOfB = 0;
        for (int i = 0; i < a.length; i++) {
            products += (a[i] - mean) * (b[i] - mean);
            squaresOfA += (a[i] - mean) * (a[i] - mean);
            squaresOfB += (b[i] - mean) * (b[i] - mean);
        }
        return products / Math.sqrt(squaresOfA * squaresOfB);
    }

    private static double[] ranks(double[] values) {
        int[] order = IntStream.range(0, values.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> values[i]))
                .mapToInt(Integer::intValue)
                .toArray();
        double[] ranks = new double[values.length];
        int from = 0;
        while (from < order.length) {
            int to = from;
            while (to < order.length && values[order[to]] == values[order[from]]) {
                to++;
            }
            // Ranks from + 1 to `to`, shared.
            double shared = (from + 1 + to) / 2.0;
            Arrays.stream(order, from, to).forEach(i -> ranks[i] = shared);
            from = to;
        }
        return ranks;
    }
}
