package ai.consilium.merger;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.merger.merge.MergeRule;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the experts become one agent.
 *
 * @param method {@code average} or {@code ties}
 * @param density share of each expert's entries that TIES keeps, by magnitude, in (0, 1]; unused by average
 * @param lambda factors on the merged update; with more than one, the best on the validation cases is taken
 * @param rank of the unified adapter
 * @param tolerance of the gate: how much validation accuracy (0..1) the agent may lose against the previous one
 * @param weights of the experts by specialty; those that are not named weigh 1
 */
public record MergerConfig(
        String method, double density, List<Double> lambda, int rank, double tolerance, Map<String, Double> weights) {
    /** Refuses what cannot be meant. */
    public MergerConfig {
        lambda = List.copyOf(lambda);
        // Sorted, so that the configuration reads, and hashes, the same in every process.
        weights = Collections.unmodifiableSortedMap(new TreeMap<>(weights));
        require(List.of("average", "ties").contains(method), "method must be average or ties, not '" + method + "'");
        require(density > 0 && density <= 1, "density must be above 0 and at most 1");
        require(!lambda.isEmpty(), "lambda must name at least one factor");
        require(lambda.stream().allMatch(factor -> factor > 0 && factor <= 10), "lambda must be in (0, 10]");
        require(rank >= 1, "rank must be at least 1");
        require(tolerance >= 0 && tolerance <= 1, "tolerance must be in [0, 1]");
        require(weights.values().stream().allMatch(w -> w >= 0), "weights must not be negative");
    }

    /** Weight of an expert. */
    double weight(String specialty) {
        return weights.getOrDefault(specialty, 1.0);
    }

    /** The rule that {@code method} names. */
    MergeRule rule() {
        return method.equals("ties") ? new MergeRule.Ties(density) : new MergeRule.Average();
    }
}
