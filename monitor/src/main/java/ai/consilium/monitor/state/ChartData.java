package ai.consilium.monitor.state;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the charts are drawn from; {@code /api/charts} in JSON.
 *
 * @param revision grows with every change
 * @param policies specialties in configuration order, then the agent where it learns
 * @param staleness how many trained groups were so many versions old when they were trained on; the last entry counts all that
 *     were older
 */
public record ChartData(long revision, List<Policy> policies, long[] staleness) {
    /**
     * The same with fewer points and digits.
     *
     * @param points that a curve has at most
     */
    public ChartData within(int points) {
        return new ChartData(
                revision,
                policies.stream()
                        .map(policy -> new Policy(
                                policy.name(),
                                within(policy.figures(), points),
                                within(policy.perspectives(), points),
                                within(policy.validation(), points)))
                        .toList(),
                staleness);
    }

    private static Map<String, Line> within(Map<String, Line> lines, int points) {
        Map<String, Line> fewer = new TreeMap<>();
        lines.forEach((name, line) -> fewer.put(name, line.within(points)));
        return fewer;
    }

    /**
     * The curves of one policy.
     *
     * @param figures of its updates, by their names on the log
     * @param perspectives accuracy of what was sampled in training, by perspective and by the version that was trained on it
     * @param validation share of right answers by the perspective under which they were asked and by examined version
     */
    public record Policy(
            String name, Map<String, Line> figures, Map<String, Line> perspectives, Map<String, Line> validation) {}

    /**
     * One curve.
     *
     * @param width versions in a bucket
     * @param x first version of each bucket
     * @param mean of the bucket's values
     * @param min smallest of them; null where buckets hold one version
     * @param max largest of them; null where buckets hold one version
     */
    public record Line(int width, long[] x, float[] mean, float @Nullable [] min, float @Nullable [] max) {
        private static final MathContext DIGITS = new MathContext(4);

        /**
         * The same in at most so many points of four digits. Neighbours are joined to the mean of their means; no peak is lost.
         *
         * @param points at least 1
         */
        public Line within(int points) {
            int wider = width;
            while (buckets(wider) > points) {
                wider *= 2;
            }
            int size = buckets(wider);
            boolean single = wider == 1;
            Line line = new Line(
                    wider,
                    new long[size],
                    new float[size],
                    single ? null : new float[size],
                    single ? null : new float[size]);
            int to = 0;
            for (int from = 0; from < x.length; to++) {
                long bucket = x[from] / wider;
                int first = from;
                double sum = 0;
                float low = Float.POSITIVE_INFINITY;
                float high = Float.NEGATIVE_INFINITY;
                for (; from < x.length && x[from] / wider == bucket; from++) {
                    sum += mean[from];
                    low = Math.min(low, min == null ? mean[from] : min[from]);
                    high = Math.max(high, max == null ? mean[from] : max[from]);
                }
                line.x[to] = bucket * wider;
                line.mean[to] = rounded((float) (sum / (from - first)));
                if (line.min != null && line.max != null) {
                    line.min[to] = rounded(low);
                    line.max[to] = rounded(high);
                }
            }
            return line;
        }

        private int buckets(int wide) {
            int count = 0;
            for (int i = 0; i < x.length; i++) {
                count += i == 0 || x[i] / wide != x[i - 1] / wide ? 1 : 0;
            }
            return count;
        }

        private static float rounded(float value) {
            return new BigDecimal(Float.toString(value)).round(DIGITS).floatValue();
        }
    }
}
