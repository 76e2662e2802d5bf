package ai.consilium.estimators;

import java.util.List;
import java.util.Map;

/**
 * Group-relative advantages (docs/algorithms.md, Advantages). Pure: sums run in the order of the observations, which is
 * sample order, so that the order of arrival cannot change a bit.
 */
public sealed interface Estimator permits Grpo, DrGrpo, Rloo, Gdpo, Gba {

    /** Advantages of one group. */
    Estimate estimate(List<Observation> group);

    /** Whether the learner normalises these advantages over the groups of its batch before it uses them. */
    default boolean normalisesOverBatch() {
        return false;
    }

    /**
     * The estimator that a scoring configuration names.
     *
     * @throws IllegalArgumentException naming the estimator that does not exist or the parameter that is missing or
     *     wrong
     */
    static Estimator named(String name, Map<String, Double> parameters) {
        return EstimatorKind.named(name).of(parameters);
    }

    /** What an estimator may be named, sorted. */
    static List<String> names() {
        return EstimatorKind.names();
    }
}
