package ai.consilium.policy.training;

import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * Figures of the parts of a batch, added up in the order of the parts whichever thread brings them. One thread a part at a time.
 *
 * @param sums how many figures of a row are sums
 * @param maxima how many behind those are maxima
 * @param parts by number
 */
record PartSums(int sums, int maxima, SortedMap<Integer, double[]> parts) {
    PartSums(int sums, int maxima) {
        this(sums, maxima, new ConcurrentSkipListMap<>());
    }

    /** @param row of a part, or of some of its tokens */
    void add(int part, float[] row) {
        double[] figures = parts.computeIfAbsent(part, number -> new double[sums + maxima]);
        for (int i = 0; i < sums; i++) {
            figures[i] += row[i];
        }
        for (int i = sums; i < sums + maxima; i++) {
            figures[i] = Math.max(figures[i], row[i]);
        }
    }

    /** Of a part; zeros where nothing was added. */
    double[] of(int part) {
        return parts.getOrDefault(part, new double[sums + maxima]).clone();
    }

    /** A part's, which were added up elsewhere. */
    void put(int part, double[] figures) {
        parts.put(part, figures);
    }

    /** Of all parts. */
    double[] total() {
        double[] total = new double[sums + maxima];
        for (double[] figures : parts.values()) {
            for (int i = 0; i < sums; i++) {
                total[i] += figures[i];
            }
            for (int i = sums; i < sums + maxima; i++) {
                total[i] = Math.max(total[i], figures[i]);
            }
        }
        return total;
    }
}
