package ai.consilium.merger.report;

import java.util.DoubleSummaryStatistics;
import java.util.List;

/**
 * From a range of values to colours that can be told apart on light and dark ground, also without seeing hues: those of
 * matplotlib's viridis, dark for the lowest.
 */
record ColourScale(double low, double high) {
    private static final int[] COLOURS = {0x440154, 0x414487, 0x2A788E, 0x22A884, 0x7AD151, 0xFDE725};

    /** Over the values that there are; NaN is none. */
    static ColourScale over(List<Double> values) {
        DoubleSummaryStatistics range = values.stream()
                .mapToDouble(value -> value)
                .filter(value -> !Double.isNaN(value))
                .summaryStatistics();
        return range.getCount() == 0 ? new ColourScale(0, 0) : new ColourScale(range.getMin(), range.getMax());
    }

    /** As #rrggbb. */
    String colour(double value) {
        return at(high > low ? (value - low) / (high - low) : 0);
    }

    /** @param place on the scale, from 0 for the lowest value to 1 for the highest */
    static String at(double place) {
        double where = place * (COLOURS.length - 1);
        int below = Math.min((int) where, COLOURS.length - 2);
        int colour = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int from = COLOURS[below] >> shift & 0xFF;
            int to = COLOURS[below + 1] >> shift & 0xFF;
            colour |= (int) Math.round(from + (where - below) * (to - from)) << shift;
        }
        return "#%06x".formatted(colour);
    }
}
