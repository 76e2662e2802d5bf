package ai.consilium.tracking.remote;

import ai.consilium.tracking.lines.MetricLine;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;

/**
 * Logs metrics to an MLflow server by its REST API, version 2.0: a run of an experiment, metrics named {@code policy/name} with the
 * version as step, the settings of the manifest as parameters. The id of MLflow's run is kept in a file, so that a resumed run goes
 * on with it. A metric that is logged again with the same step and time is one for MLflow.
 */
final class MlflowReceiver implements Outbox.Receiver {
    private static final String API = "/api/2.0/mlflow";
    /** Most that the server takes at a time. */
    private static final int MOST_METRICS = 1000;

    private static final int MOST_PARAMETERS = 100;
    private static final int LONGEST_VALUE = 500;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JsonCaller caller;
    private final Path kept;
    private final String experiment;
    private final String runName;
    private final SortedMap<String, String> settings;
    private String runId;

    /**
     * @param kept file that holds the id of MLflow's run
     * @param settings of the run; hashes and hyperparameters, no secrets
     */
    MlflowReceiver(JsonCaller caller, Path kept, String experiment, String runName, SortedMap<String, String> settings)
            throws IOException {
        this.caller = caller;
        this.kept = kept;
        this.experiment = experiment;
        this.runName = runName;
        this.settings = settings;
        this.runId = Files.exists(kept) ? Files.readString(kept).strip() : "";
    }

    @Override
    public String name() {
        return "mlflow.tracking_uri";
    }

    @Override
    public int take(List<String> lines) throws IOException, InterruptedException {
        MetricLine first = MetricLine.fromJson(lines.get(0));
        if (runId.isEmpty()) {
            begin(first.createdMs());
        }
        ArrayNode metrics = JSON.createArrayNode();
        int taken = 0;
        for (String line : lines) {
            MetricLine next = MetricLine.fromJson(line);
            if (taken > 0 && metrics.size() + next.figures().size() > MOST_METRICS) {
                break;
            }
            next.figures().forEach((name, value) -> {
                if (Double.isFinite(value)) {
                    metrics.addObject()
                            .put("key", next.specialty() + "/" + name)
                            .put("value", value)
                            .put("timestamp", next.createdMs())
                            .put("step", next.version());
                }
            });
            taken++;
        }
        ObjectNode batch = JSON.createObjectNode().put("run_id", runId);
        batch.set("metrics", metrics);
        caller.post(API + "/runs/log-batch", batch.toString()).require("runs/log-batch");
        return taken;
    }

    /** Says that the run is over. */
    void end() throws IOException, InterruptedException {
        if (!runId.isEmpty()) {
            ObjectNode update = JSON.createObjectNode()
                    .put("run_id", runId)
                    .put("status", "FINISHED")
                    .put("end_time", System.currentTimeMillis());
            caller.post(API + "/runs/update", update.toString()).require("runs/update");
        }
    }

    private void begin(long startMs) throws IOException, InterruptedException {
        ObjectNode run = JSON.createObjectNode()
                .put("experiment_id", experimentId())
                .put("run_name", runName)
                .put("start_time", startMs);
        run.putArray("tags").addObject().put("key", "consilium.run_id").put("value", runName);
        JsonNode made = caller.post(API + "/runs/create", run.toString()).require("runs/create");
        runId = made.at("/run/info/run_id").asText();
        Files.writeString(kept, runId + "\n");
        parameters();
    }

    private String experimentId() throws IOException, InterruptedException {
        JsonCaller.Reply found = caller.get(API + "/experiments/get-by-name?experiment_name="
                + URLEncoder.encode(experiment, StandardCharsets.UTF_8));
        if (found.status() == 404) {
            String body = JSON.createObjectNode().put("name", experiment).toString();
            return caller.post(API + "/experiments/create", body)
                    .require("experiments/create")
                    .path("experiment_id")
                    .asText();
        }
        return found.require("experiments/get-by-name")
                .at("/experiment/experiment_id")
                .asText();
    }

    private void parameters() throws IOException, InterruptedException {
        ArrayNode parameters = JSON.createArrayNode();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            String value = setting.getValue();
            parameters
                    .addObject()
                    .put("key", setting.getKey())
                    .put("value", value.substring(0, Math.min(LONGEST_VALUE, value.length())));
            if (parameters.size() == MOST_PARAMETERS) {
                log(parameters);
                parameters = JSON.createArrayNode();
            }
        }
        log(parameters);
    }

    private void log(ArrayNode parameters) throws IOException, InterruptedException {
        ObjectNode batch = JSON.createObjectNode().put("run_id", runId);
        batch.set("params", parameters);
        caller.post(API + "/runs/log-batch", batch.toString()).require("runs/log-batch");
    }
}
