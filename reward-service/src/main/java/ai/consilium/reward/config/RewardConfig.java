package ai.consilium.reward.config;

import static ai.consilium.platform.config.Require.require;

import java.net.URI;
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
        Http http,
        int concurrency,
        int batch,
        Duration configWait) {
    private static final List<String> ESTIMATORS = List.of("dr_grpo", "gba", "gdpo", "grpo", "rloo");

    /** Checks what can be checked without reading a file. */
    public RewardConfig {
        require(
                ESTIMATORS.contains(advEstimator),
                "adv_estimator: '" + advEstimator + "' is not one of " + String.join(", ", ESTIMATORS));
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
     */
    public record Advantage(double wA, double wF, double lambda, double gamma) {
        /** Refuses what would make every advantage 0 or meaningless. */
        public Advantage {
            requireWeight("w_a", wA);
            requireWeight("w_f", wF);
            requireWeight("lambda", lambda);
            requireWeight("gamma", gamma);
            require(wA + wF + lambda > 0, "w_a: w_a, w_f and lambda must not all be 0");
        }

        /** By the names that the ScoringConfig record uses. */
        public Map<String, Double> parameters() {
            return new TreeMap<>(Map.of("w_a", wA, "w_f", wF, "lambda", lambda, "gamma", gamma));
        }

        private static void requireWeight(String key, double value) {
            require(Double.isFinite(value) && value >= 0, key + ": must be 0 or more, not " + value);
        }
    }

    /**
     * What remote scorers share; a scorer's own timeout and retries come before it.
     *
     * @param timeout of one try, reply included
     * @param retries tries after the first
     * @param backoff before the first retry; doubles with each
     * @param maxReplyBytes a longer reply is refused
     */
    public record Http(Duration timeout, int retries, Duration backoff, int maxReplyBytes) {
        /** Checks the bounds. */
        public Http {
            requireTimeout(timeout);
            requireRetries(retries);
            require(
                    !backoff.isNegative() && backoff.compareTo(Duration.ofMinutes(1)) <= 0,
                    "backoff: must be 0s to 1m, not " + backoff);
            require(
                    maxReplyBytes >= 64 && maxReplyBytes <= 16 << 20,
                    "max_reply_bytes: must be 64 to 16777216, not " + maxReplyBytes);
        }
    }

    /**
     * One scorer.
     *
     * @param name its name in every Score
     * @param type accuracy, format, rubric or http
     * @param perspective of a guideline: whose trajectories it scores; absent: the rubric's own, or all
     * @param file of a rubric: a path, or {@code shipped:NAME}
     * @param url of an http scorer
     * @param timeout of an http scorer's try, where it differs from {@code http.timeout}
     * @param retries of an http scorer, where they differ from {@code http.retries}
     * @param headersFromEnv of an http scorer: environment variable ({@code SCORER_...}) that holds a header's value,
     *     by header; the value itself stands neither in the configuration nor in a record
     * @param required true: a group waits for it; absent: it does not
     * @param shadow true: reported only, never waited for nor trained on; absent: it counts
     */
    public record ScorerConfig(
            String name,
            String type,
            @Nullable String perspective,
            @Nullable String file,
            @Nullable String url,
            @Nullable Duration timeout,
            @Nullable Integer retries,
            @Nullable Map<String, String> headersFromEnv,
            @Nullable Boolean required,
            @Nullable Boolean shadow) {
        private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_-]{0,63}");
        private static final Pattern HEADER = Pattern.compile("[A-Za-z0-9-]{1,64}");
        private static final Pattern VARIABLE = Pattern.compile("SCORER_[A-Z0-9_]{1,64}");
        private static final Set<String> TYPES = Set.of("accuracy", "format", "rubric", "http");

        /** Checks that the keys fit the type. */
        public ScorerConfig {
            require(
                    name != null && NAME.matcher(name).matches(),
                    "name: must be lower case letters, digits, - and _, not '" + name + "'");
            require(
                    TYPES.contains(type),
                    "type: '" + type + "' of " + name + " is not one of accuracy, format, http, rubric");
            require(
                    (file != null) == type.equals("rubric"),
                    "file: must be set for a rubric and for nothing else, see " + name);
            require(
                    (url != null) == type.equals("http"),
                    "url: must be set for an http scorer and for nothing else, see " + name);
            require(
                    perspective == null || type.equals("rubric") || type.equals("http"),
                    "perspective: cannot be set for " + name + ", which scores every perspective");
            require(!(isTrue(required) && isTrue(shadow)), "shadow: " + name + " cannot be required and a shadow");
            if (url != null) {
                requireUrl(url);
            }
            if (timeout != null) {
                requireTimeout(timeout);
            }
            if (retries != null) {
                requireRetries(retries);
            }
            headersFromEnv = headersFromEnv == null ? null : Map.copyOf(headersFromEnv);
            requireHeaders(headersFromEnv == null ? Map.of() : headersFromEnv);
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

        /** Refuses an address that is not plainly http or https; credentials in it would end in records and logs. */
        public static void requireUrl(String url) {
            URI uri;
            try {
                uri = URI.create(url);
            } catch (IllegalArgumentException broken) {
                throw new IllegalArgumentException("url: '" + url + "' is not a valid URL", broken);
            }
            boolean web = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            require(
                    web && uri.getHost() != null,
                    "url: must be http://HOST/... or https://HOST/..., not '" + url + "'");
            require(uri.getUserInfo() == null, "url: must not contain credentials; use headers_from_env");
        }

        /** A scorer's variables bear a prefix, so that a record cannot ask a reward service for its other secrets. */
        public static void requireHeaders(Map<String, String> headers) {
            headers.forEach((header, variable) -> {
                require(HEADER.matcher(header).matches(), "headers_from_env: '" + header + "' is not a header name");
                require(
                        VARIABLE.matcher(variable).matches(),
                        "headers_from_env." + header + ": must name a variable SCORER_..., not '" + variable + "'");
            });
        }
    }

    public static void requireTimeout(Duration timeout) {
        require(
                timeout.compareTo(Duration.ofMillis(1)) >= 0 && timeout.compareTo(Duration.ofMinutes(5)) <= 0,
                "timeout: must be 1ms to 5m, not " + timeout);
    }

    public static void requireRetries(int retries) {
        require(retries >= 0 && retries <= 10, "retries: must be 0 to 10, not " + retries);
    }
}
