package ai.consilium.policy.layerwise;

import ai.consilium.policy.batch.PackedBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Samples of a group that go through a layer together.
 *
 * @param rows the samples, as wide as the longest of them
 * @param at flat places of their loss tokens in them
 */
public record SampleSlice(PackedBatch.Rows rows, long[] at) {
    /** How many samples of so many tokens may go together. */
    public interface Limit {
        /** @param width of the longest of them */
        int rows(int width);
    }

    /**
     * Cuts samples into slices, in order, of as many as the limit allows; at least one.
     *
     * @param samples padded on the right
     * @param at flat places of their loss tokens, ascending
     */
    static List<SampleSlice> of(PackedBatch.Rows samples, long[] at, Limit limit) {
        List<SampleSlice> slices = new ArrayList<>();
        int from = 0;
        while (from < samples.count()) {
            int to = from + 1;
            int width = samples.length(from);
            while (to < samples.count() && to - from < limit.rows(Math.max(width, samples.length(to)))) {
                width = Math.max(width, samples.length(to));
                to++;
            }
            slices.add(new SampleSlice(samples.part(from, to, width), places(at, samples.width(), from, to, width)));
            from = to;
        }
        return slices;
    }

    private static long[] places(long[] at, int wide, int from, int to, int width) {
        return Arrays.stream(at)
                .filter(place -> place >= (long) from * wide && place < (long) to * wide)
                .map(place -> (place / wide - from) * width + place % wide)
                .toArray();
    }
}
