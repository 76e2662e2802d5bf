package ai.consilium.monitor.state;

import java.util.Arrays;

/**
 * A curve in bounded memory: values by version, gathered in at most {@link #MOST} buckets of equal width, each with its mean,
 * smallest and largest value. When a version lies beyond the last bucket, neighbours are merged and buckets are twice as wide.
 * Versions may come in any order; a peak is never lost.
 */
final class Buckets {
    /** About as many as a chart has pixels for. */
    static final int MOST = 512;

    private int width = 1;
    private int used;
    private int[] counts = new int[16];
    private double[] sums = new double[16];
    private float[] smallest = new float[16];
    private float[] largest = new float[16];

    /** Enters a value; what is no finite number, and a version below 0, says nothing and is passed over. */
    void add(long version, double value) {
        if (version < 0 || !Double.isFinite(value)) {
            return;
        }
        while (version / width >= MOST) {
            halve();
        }
        int at = (int) (version / width);
        grow(at + 1);
        float shown = (float) value;
        smallest[at] = counts[at] == 0 ? shown : Math.min(smallest[at], shown);
        largest[at] = counts[at] == 0 ? shown : Math.max(largest[at], shown);
        sums[at] += value;
        counts[at]++;
        used = Math.max(used, at + 1);
    }

    private void grow(int size) {
        if (size > counts.length) {
            int longer = Math.min(MOST, Math.max(size, 2 * counts.length));
            counts = Arrays.copyOf(counts, longer);
            sums = Arrays.copyOf(sums, longer);
            smallest = Arrays.copyOf(smallest, longer);
            largest = Arrays.copyOf(largest, longer);
        }
    }

    private void halve() {
        for (int to = 0; 2 * to < used; to++) {
            int left = 2 * to;
            int right = left + 1;
            boolean pair = right < used && counts[right] > 0;
            int leftCount = counts[left];
            float low = leftCount == 0 ? (pair ? smallest[right] : 0) : smallest[left];
            float high = leftCount == 0 ? (pair ? largest[right] : 0) : largest[left];
            double sum = (leftCount == 0 ? 0 : sums[left]) + (pair ? sums[right] : 0);
            counts[to] = leftCount + (pair ? counts[right] : 0);
            sums[to] = sum;
            smallest[to] = pair ? Math.min(low, smallest[right]) : low;
            largest[to] = pair ? Math.max(high, largest[right]) : high;
        }
        int half = (used + 1) / 2;
        Arrays.fill(counts, half, used, 0);
        Arrays.fill(sums, half, used, 0);
        used = half;
        width *= 2;
    }

    boolean isEmpty() {
        return used == 0;
    }

    /** Those buckets that have a value, in order of versions. */
    ChartData.Line line() {
        int size =
                (int) Arrays.stream(counts, 0, used).filter(count -> count > 0).count();
        ChartData.Line line = new ChartData.Line(
                width,
                new long[size],
                new float[size],
                width == 1 ? null : new float[size],
                width == 1 ? null : new float[size]);
        int to = 0;
        for (int i = 0; i < used; i++) {
            if (counts[i] > 0) {
                line.x()[to] = (long) i * width;
                line.mean()[to] = (float) (sums[i] / counts[i]);
                if (line.min() != null && line.max() != null) {
                    line.min()[to] = smallest[i];
                    line.max()[to] = largest[i];
                }
                to++;
            }
        }
        return line;
    }
}
