package ai.consilium.monitor.state;

import java.util.List;
import java.util.Map;
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
     * The curves of one policy.
     *
     * @param figures of its updates, by their names on the log
     * @param perspectives accuracy of what was sampled in training, by perspective and by the version that was trained on it
     * @param validation share of right answers by examined version
     */
    public record Policy(String name, Map<String, Line> figures, Map<String, Line> perspectives, Line validation) {}

    /**
     * One curve.
     *
     * @param width versions in a bucket
     * @param x first version of each bucket
     * @param mean of the bucket's values
     * @param min smallest of them; null where buckets hold one version
     * @param max largest of them; null where buckets hold one version
     */
    public record Line(int width, long[] x, float[] mean, float @Nullable [] min, float @Nullable [] max) {}
}
