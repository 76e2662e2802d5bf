package ai.consilium.estimators;

import java.util.Map;

/**
 * How much each component counts.
 *
 * @param accuracy {@code w_a}
 * @param format {@code w_f}
 * @param guideline {@code lambda}
 */
public record Weights(double accuracy, double format, double guideline) {

    /** Refuses weights of which none counts. */
    public Weights {
        if (accuracy == 0 && format == 0 && guideline == 0) {
            throw new IllegalArgumentException("w_a, w_f and lambda are all 0: nothing would be learned");
        }
    }

    /** Reads {@code w_a}, {@code w_f} and {@code lambda}. */
    static Weights of(Map<String, Double> parameters) {
        return new Weights(parameter(parameters, "w_a"), parameter(parameters, "w_f"), parameter(parameters, "lambda"));
    }

    /** A finite parameter that is not negative. */
    static double parameter(Map<String, Double> parameters, String name) {
        Double value = parameters.get(name);
        if (value == null) {
            throw new IllegalArgumentException("estimator parameter '" + name + "' is missing");
        }
        if (!Double.isFinite(value) || value < 0) {
            throw new IllegalArgumentException(
                    "estimator parameter '" + name + "' is " + value + "; it must be a number that is not negative");
        }
        return value;
    }

    /** Length of the weight vector: scaling by a constant keeps a replay bit-identical, a batch statistic would not. */
    double norm() {
        return Math.sqrt(accuracy * accuracy + format * format + guideline * guideline);
    }
}
