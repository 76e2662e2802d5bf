package ai.consilium.reward.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.estimators.Estimator;
import ai.consilium.estimators.GuidelineGate;
import ai.consilium.platform.config.Inline;
import ai.consilium.platform.config.Variant;
import ai.consilium.reward.scorer.HttpDefaults;
import ai.consilium.reward.scorer.RequestLimits;
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
 * @param plugins directory of plug-ins with further types of scorers; empty: none
 * @param http what remote scorers share
 * @param concurrency requests at a time to each remote scorer, in one process
 * @param batch most trajectories that are read at once
 * @param maxInFlight trajectories that may wait for their scorers; while there are as many, no more are read
 * @param breaker when a remote scorer is taken to be down
 * @param configWait how long a trajectory waits for a scoring configuration that the log does not show yet
 * @param watch directory of rubric files that are offered as shadows while a run goes on; empty: none
 */
public record RewardConfig(
        String advEstimator,
        Advantage advantage,
        List<ScorerConfig> scorers,
        String plugins,
        HttpDefaults http,
        int concurrency,
        int batch,
        int maxInFlight,
        Breaker breaker,
        Duration configWait,
        String watch) {
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
        RequestLimits.requireConcurrency(concurrency);
        require(batch >= 1 && batch <= 10_000, "batch: must be 1 to 10000, not " + batch);
        require(maxInFlight >= 1 && maxInFlight <= 100_000, "max_in_flight: must be 1 to 100000, not " + maxInFlight);
        require(!configWait.isNegative(), "config_wait: must not be negative");
    }

    /** The same, in which nobody waits for a scorer that is down. */
    public RewardConfig impatient() {
        Breaker impatient = new Breaker(breaker.failures(), breaker.pause(), Duration.ZERO);
        return new RewardConfig(
                advEstimator,
                advantage,
                scorers,
                plugins,
                http,
                concurrency,
                batch,
                maxInFlight,
                impatient,
                configWait,
                watch);
    }

    /**
     * Parameters of the estimator.
     *
     * @param wA weight of accuracy
     * @param wF weight of format
     * @param lambda weight of the guideline term
     * @param gamma conflict cap of gba; the others have none
     * @param gate of gba: whether a guideline's score counts only where answer and format are right
     * @param amongRight of gba: whether right answers are compared with right ones only; needs the gate
     * @param stratified of gba: whether scores are compared within their perspective, else within the whole group
     * @param guidelineAlone of gba: whether a group is trained in which guideline scores differ and accuracy does not
     */
    public record Advantage(
            double wA,
            double wF,
            double lambda,
            double gamma,
            boolean gate,
            boolean amongRight,
            boolean stratified,
            boolean guidelineAlone) {
        /** Refuses what would make every advantage 0 or meaningless. */
        public Advantage {
            requireWeight("w_a", wA);
            requireWeight("w_f", wF);
            requireWeight("lambda", lambda);
            requireWeight("gamma", gamma);
            require(wA + wF + lambda > 0, "w_a: w_a, w_f and lambda must not all be 0");
            require(
                    gate || !amongRight,
                    "among_right: without gate wrong answers count too; set one of the two to false");
        }

        /** By the names that the ScoringConfig record uses. What is on by default stands there only when it is off. */
        public Map<String, Double> parameters() {
            Map<String, Double> parameters =
                    new TreeMap<>(Map.of("w_a", wA, "w_f", wF, "lambda", lambda, "gamma", gamma));
            gba().put(parameters);
            if (!stratified) {
                parameters.put("stratified", 0.0);
            }
            if (!guidelineAlone) {
                parameters.put("guideline_alone", 0.0);
            }
            return parameters;
        }

        private GuidelineGate gba() {
            return !gate ? GuidelineGate.NONE : amongRight ? GuidelineGate.RIGHT : GuidelineGate.SCORE;
        }

        private static void requireWeight(String key, double value) {
            require(Double.isFinite(value) && value >= 0, key + ": must be 0 or more, not " + value);
        }
    }

    /**
     * When a remote scorer is taken to be down, and for how long it is waited for.
     *
     * @param failures tries that failed one after the other: then it is down
     * @param pause between two tries while it is down
     * @param giveUp how long after it went down trajectories wait for a scorer that they need; then they end unscored, until it
     *     answers again
     */
    public record Breaker(int failures, Duration pause, Duration giveUp) {
        /** Checks the bounds. */
        public Breaker {
            require(failures >= 1 && failures <= 1000, "failures: must be 1 to 1000, not " + failures);
            require(
                    pause.compareTo(Duration.ofMillis(1)) >= 0 && pause.compareTo(Duration.ofHours(1)) <= 0,
                    "pause: must be 1ms to 1h, not " + pause);
            require(!giveUp.isNegative(), "give_up: must not be negative");
        }
    }

    /**
     * One scorer.
     *
     * @param name its name in every Score
     * @param type one of the {@link ScorerTypes}
     * @param required true: it is waited for and trained on; absent: it is reported only
     * @param shadow true: not required, and shown as a candidate
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
