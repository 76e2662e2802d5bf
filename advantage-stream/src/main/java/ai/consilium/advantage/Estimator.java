package ai.consilium.advantage;

import java.util.List;
import java.util.Map;

/**
 * Group-relative advantages (ALGORITHMS section 4). Pure: sums run in the order of the observations, which is sample
 * order, so that the order of arrival cannot change a bit.
 */
public sealed interface Estimator permits Grpo, Gba {

    /** Advantages of one group. */
    Estimate estimate(List<Observation> group);

    /**
     * The estimator that a scoring configuration names.
     *
     * @throws IllegalArgumentException naming the estimator that does not exist or the parameter that is missing or wrong
     */
    static Estimator named(String name, Map<String, Double> parameters) {
        return switch (name) {
            case "grpo" -> new Grpo(Weights.of(parameters));
            case "gba" -> new Gba(Weights.of(parameters), Weights.parameter(parameters, "gamma"));
            default ->
                throw new IllegalArgumentException("estimator '" + name + "' does not exist; there are: gba, grpo");
        };
    }
}
