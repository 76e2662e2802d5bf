package ai.consilium.merger;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.merger.merge.MergeMethod;
import ai.consilium.platform.run.ConsolidationPlan;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the experts become one agent.
 *
 * @param method {@code regmean}, {@code average}, {@code task_arithmetic}, {@code ties} or {@code dare_ties}
 * @param density share of each expert's entries that TIES and DARE keep, in (0, 1]
 * @param lambda factors on the merged update; with more than one, the best on the validation cases is taken; none: those
 *     that suit the method
 * @param rank most of the unified adapter
 * @param tolerance of the gate: how much validation accuracy (0..1) the agent may lose against the previous one
 * @param weights of the experts by specialty; those that are not named weigh 1
 * @param calibration what the experts are looked at on
 * @param consolidate how the merged experts are made one agent
 */
public record MergerConfig(
        String method,
        double density,
        List<Double> lambda,
        int rank,
        double tolerance,
        Map<String, Double> weights,
        Calibration calibration,
        ConsolidationPlan consolidate) {
    private static final List<String> METHODS = List.of("regmean", "average", "task_arithmetic", "ties", "dare_ties");
    private static final double EPSILON = 1e-4;

    /**
     * Training cases of its own specialty that each expert answers, for regmean and the report.
     *
     * @param cases at most, of a specialty
     * @param tokens at most, of a specialty, whose inputs are kept of each layer
     */
    public record Calibration(int cases, int tokens) {
        /** Refuses what cannot be meant. */
        public Calibration {
            require(cases >= 1, "cases must be at least 1");
            require(tokens >= 1, "tokens must be at least 1");
        }
    }

    /** Refuses what cannot be meant. */
    public MergerConfig {
        lambda = List.copyOf(lambda);
        // Sorted, so that the configuration reads, and hashes, the same in every process.
        weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        require(
                METHODS.contains(method),
                "method must be one of " + String.join(", ", METHODS) + ", not '" + method + "'");
        require(density > 0 && density <= 1, "density must be above 0 and at most 1");
        require(lambda.stream().allMatch(factor -> factor > 0 && factor <= 10), "lambda must be in (0, 10]");
        require(rank >= 1, "rank must be at least 1");
        require(tolerance >= 0 && tolerance <= 1, "tolerance must be in [0, 1]");
        require(weights.values().stream().allMatch(w -> w >= 0), "weights must not be negative");
    }

    /** Weight of an expert. */
    public double weight(String specialty) {
        return weights.getOrDefault(specialty, 1.0);
    }

    /** Factors to try. */
    List<Double> factors() {
        if (!lambda.isEmpty()) {
            return lambda;
        }
        return switch (method) {
            case "regmean", "average" -> List.of(1.0);
            case "task_arithmetic" -> List.of(0.3, 0.5, 0.7, 1.0);
            default -> List.of(0.7, 0.85, 1.0, 1.2);
        };
    }

    /** The method that is named. @param seed for one that draws */
    MergeMethod rule(long seed) {
        return switch (method) {
            case "average" -> new MergeMethod.Average();
            case "task_arithmetic" -> new MergeMethod.TaskArithmetic();
            case "ties" -> MergeMethod.ties(density);
            case "dare_ties" -> MergeMethod.dareTies(density, seed);
            default -> new MergeMethod.RegMean(EPSILON);
        };
    }
}
