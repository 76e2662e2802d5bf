package ai.consilium.tracking;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.UsageException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a run leaves behind for other tools beside its lineage files and metrics.jsonl.
 *
 * @param trackers tensorboard and mlflow
 * @param lineage where lineage goes
 * @param mlflow the server
 */
public record TrackingConfig(List<String> trackers, Lineage lineage, Mlflow mlflow) {
    private static final String TENSORBOARD = "tensorboard";
    private static final String MLFLOW = "mlflow";
    private static final Pattern VARIABLE = Pattern.compile("[A-Z][A-Z0-9_]{0,63}");

    /**
     * Lineage.
     *
     * @param openlineageUrl that takes events; empty: they are only written
     * @param openlineageTokenEnv environment variable that holds a bearer token for it; empty: none
     * @param timeout of a call
     */
    public record Lineage(String openlineageUrl, String openlineageTokenEnv, Duration timeout) {
        /** Checks the values. */
        public Lineage {
            if (!openlineageUrl.isEmpty()) {
                RemoteHttp.requireUrl("openlineage_url", openlineageUrl, "lineage.openlineage_token_env");
            }
            requireVariable("openlineage_token_env", openlineageTokenEnv);
            requireTimeout(timeout);
        }
    }

    /**
     * An MLflow server.
     *
     * @param trackingUri its address
     * @param experiment name; made if there is none
     * @param tokenEnv environment variable that holds a bearer token for it; empty: none
     * @param timeout of a call
     */
    public record Mlflow(String trackingUri, String experiment, String tokenEnv, Duration timeout) {
        /** Checks the values. */
        public Mlflow {
            if (!trackingUri.isEmpty()) {
                RemoteHttp.requireUrl("tracking_uri", trackingUri, "mlflow.token_env");
            }
            require(!experiment.isBlank(), "experiment must not be empty");
            requireVariable("token_env", tokenEnv);
            requireTimeout(timeout);
        }
    }

    /** Checks the values. */
    public TrackingConfig {
        trackers = List.copyOf(trackers);
        for (String tracker : trackers) {
            require(
                    tracker.equals(TENSORBOARD) || tracker.equals(MLFLOW),
                    "trackers: '" + tracker + "' is not one of tensorboard, mlflow");
        }
        require(new HashSet<>(trackers).size() == trackers.size(), "trackers contains duplicates: " + trackers);
        require(
                !trackers.contains(MLFLOW) || !mlflow.trackingUri().isEmpty(),
                "mlflow.tracking_uri is not set, but trackers contains mlflow");
    }

    /**
     * Looks for the tokens that the services ask for.
     *
     * @throws UsageException naming a variable that is not set
     */
    public void requireTokens(Map<String, String> environment) {
        if (!lineage.openlineageUrl().isEmpty()) {
            token("lineage.openlineage_token_env", lineage.openlineageTokenEnv(), environment);
        }
        if (toMlflow()) {
            token("mlflow.token_env", mlflow.tokenEnv(), environment);
        }
    }

    static String token(String key, String variable, Map<String, String> environment) {
        if (variable.isEmpty()) {
            return "";
        }
        String token = environment.getOrDefault(variable, "");
        if (token.isEmpty()) {
            throw new UsageException(key + ": the environment variable " + variable + " is not set");
        }
        return token;
    }

    private static void requireVariable(String key, String name) {
        require(
                name.isEmpty() || VARIABLE.matcher(name).matches(),
                key + ": must name an environment variable, not '" + name + "'");
    }

    private static void requireTimeout(Duration timeout) {
        require(
                timeout.compareTo(Duration.ofMillis(1)) >= 0 && timeout.compareTo(Duration.ofMinutes(10)) <= 0,
                "timeout must be between 1ms and 10m");
    }

    /** Whether TensorBoard's event files are written. */
    public boolean tensorboard() {
        return trackers.contains(TENSORBOARD);
    }

    /** Whether metrics are logged to MLflow. */
    public boolean toMlflow() {
        return trackers.contains(MLFLOW);
    }
}
