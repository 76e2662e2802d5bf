package ai.consilium.estimators;

/** Statistics over what was observed: NaN is left out, sums run in index order. */
public final class NanStatistics {
    /** Added to every deviation that divides. */
    static final double EPSILON = 1e-4;
    /** A deviation below this is rounding, not spread. */
    static final double NO_SPREAD = 1e-8;

    private NanStatistics() {}

    static int count(double[] values) {
        int count = 0;
        for (double value : values) {
            if (!Double.isNaN(value)) {
                count++;
            }
        }
        return count;
    }

    /** Mean of the observed values; NaN when there are none. */
    public static double mean(double[] values) {
        double sum = 0;
        for (double value : values) {
            if (!Double.isNaN(value)) {
                sum += value;
            }
        }
        return sum / count(values);
    }

    /**
     * Distances from the mean: NaN stays NaN; exactly 0 for all others when fewer than two were observed or their
     * deviation (ddof = 1) is under {@link #NO_SPREAD}.
     */
    static double[] centred(double[] values) {
        double mean = mean(values);
        double[] distances = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            distances[i] = values[i] - mean;
        }
        return deviation(distances) < NO_SPREAD ? flat(values) : distances;
    }

    /** Distances from the mean of all others, which are {@link #centred} times n/(n − 1). */
    static double[] leaveOneOut(double[] values) {
        double[] distances = centred(values);
        int count = count(values);
        for (int i = 0; count >= 2 && i < distances.length; i++) {
            distances[i] *= count / (count - 1.0);
        }
        return distances;
    }

    /** {@link #centred} divided by deviation + {@link #EPSILON}. */
    static double[] normalised(double[] values) {
        double[] z = centred(values);
        double deviation = deviation(z);
        for (int i = 0; i < z.length; i++) {
            z[i] /= deviation + EPSILON;
        }
        return z;
    }

    /** Deviation (ddof = 1) of distances from their mean; 0 when fewer than two were observed. */
    static double deviation(double[] distances) {
        int count = count(distances);
        return count < 2 ? 0 : Math.sqrt(sumOfSquares(distances) / (count - 1));
    }

    static double sumOfSquares(double[] values) {
        double sum = 0;
        for (double value : values) {
            if (!Double.isNaN(value)) {
                sum += value * value;
            }
        }
        return sum;
    }

    /** 0 where something was observed. */
    static double[] flat(double[] values) {
        double[] zeros = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            zeros[i] = Double.isNaN(values[i]) ? Double.NaN : 0;
        }
        return zeros;
    }

    /** Whether any observed value of relative ones is not 0. */
    static boolean varies(double[] relative) {
        for (double value : relative) {
            if (orZero(value) != 0) {
                return true;
            }
        }
        return false;
    }

    /** A term's contribution to a sum: what was not observed adds nothing. */
    static double orZero(double value) {
        return Double.isNaN(value) ? 0 : value;
    }
}
