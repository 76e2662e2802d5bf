package ai.consilium.estimators;

/**
 * What is known of one member of a group. NaN is unscored: not observed, which is never the same as 0.
 *
 * @param perspective stratum of the guideline term
 * @param accuracy 0 or 1 (any number in [0, 1] works)
 * @param format 0 or 1 (any number in [0, 1] works)
 * @param guideline in [0, 1]
 */
public record Observation(String perspective, double accuracy, double format, double guideline) {}
