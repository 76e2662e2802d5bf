package ai.consilium.reward.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.estimators.Estimator;
import ai.consilium.platform.config.Inline;
import ai.consilium.platform.config.Variant;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScorerTypes;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Section {@code reward}: what trajectories are scored by and how scores become advantages.
 *
 * @param advEstimator advantage estimator (docs/algorithms.md, Advantages)
 * @param advantage its parameters
 * @param scorers in the order of their scores
 * @param http what remote scorers share
 * @param concurrency remote scorings at a time, in one process
 * @param batch trajectories that are scored between two commits of offsets
 * @param configWait how long a trajectory waits for a scoring configuration that the log does not show yet
 */
public record RewardConfig(
        String advEstimator,
        Advantage advantage,
        List<ScorerConfig> scorers,
        HttpDefaults http,
        int concurrency,
        int batch,
        Duration configWait) {
    /** Checks what can be checked without reading a file. */
    public RewardConfig {
        require(
                Estimator.names().contains(advEstimator),
                "adv_estimator: '" + advEstimator + "' is not one of " + String.join(", ", Estimator.names()));
        scorers = List.copyOf(scorers);
        require(!scorers.isEmpty(), "scorers: at least one is needed");
        Set<String> names = new HashSet<>();
        for (ScorerConfig scorer : scorers) {
            require(names.add(scorer.name()), "scorers: name '" + scorer.name() + "' is used twice");
        }
        require(concurrency >= 1 && concurrency <= 256, "concurrency: must be 1 to 256, not " + concurrency);
        require(batch >= 1 && batch <= 10_000, "batch: must be 1 to 10000, not " + batch);
        require(!configWait.isNegative(), "config_wait: must not be negative");
    }

    /**
     * Parameters of the estimator.
     *
     * @param wA weight of accuracy
     * @param wF weight of format
     * @param lambda weight of the guideline term
     * @param gamma conflict cap of gba; the others have none
     * @param gate of gba: whether a guideline's score counts only where answer and format are right
     * @param stratified of gba: whether it is compared within its perspective, else within the whole group
     */
    public record Advantage(double wA, double wF, double lambda, double gamma, boolean gate, boolean stratified) {
        /** Refuses what would make every advantage 0 or meaningless. */
        public Advantage {
            requireWeight("w_a", wA);
            requireWeight("w_f", wF);
            requireWeight("lambda", lambda);
            requireWeight("gamma", gamma);
            require(wA + wF + lambda > 0, "w_a: w_a, w_f and lambda must not all be 0");
        }

        /** By the names that the ScoringConfig record uses. What is on by default stands there only when it is off. */
        public Map<String, Double> parameters() {
            Map<String, Double> parameters =
                    new TreeMap<>(Map.of("w_a", wA, "w_f", wF, "lambda", lambda, "gamma", gamma));
            if (!gate) {
                parameters.put("gate", 0.0);
            }
            if (!stratified) {
                parameters.put("stratified", 0.0);
            }
            return parameters;
        }

        private static void requireWeight(String key, double value) {
            require(Double.isFinite(value) && value >= 0, key + ": must be 0 or more, not " + value);
        }
    }

    /**
     * One scorer.
     *
     * @param name its name in every Score
     * @param type one of the {@link ScorerTypes}
     * @param required true: a group waits for it; absent: it does not
     * @param shadow true: reported only, never waited for nor trained on; absent: it counts
     * @param keys those that its type has
     */
    public record ScorerConfig(
            String name,
            String type,
            @Nullable Boolean required,
            @Nullable Boolean shadow,

            @Inline @Variant(by = "type", of = ScorerTypes.class)
            ScorerType.Keys keys) {
        private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");

        /** Checks what all scorers have. */
        public ScorerConfig {
            require(
                    name != null && NAME.matcher(name).matches(),
                    "name: must be lower case letters, digits, - and _, not '" + name + "'");
            require(
                    ScorerTypes.names().contains(type),
                    "type: '" + type + "' of " + name + " is not one of " + String.join(", ", ScorerTypes.names()));
            require(!(isTrue(required) && isTrue(shadow)), "shadow: " + name + " cannot be required and a shadow");
        }

        public boolean isRequired() {
            return isTrue(required);
        }

        public boolean isShadow() {
            return isTrue(shadow);
        }

        private static boolean isTrue(@Nullable Boolean flag) {
            return Boolean.TRUE.equals(flag);
        }
    }
}
