package ai.consilium.learner.checkpoint;

import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.UsageException;
import ai.consilium.policy.config.Precision;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * The settings that a run's weights depend on, so that a checkpoint is never continued under others.
 *
 * @param config values by key path, for example {@code rl.learning_rate}; where and how many checkpoints are kept,
 *     which process trains what, how many steps may be skipped and what gradients may take of memory is not among them
 * @param modelHash the base model
 */
public record Fingerprint(SortedMap<String, String> config, String modelHash) {
    /** Keys that came after the first version, with the value that a checkpoint without them was made with. */
    private static final Map<String, String> LATER =
            Map.of("loss.is_level", "token", "loss.is_low", "0.0", "loss.mask_truncated", "true");

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    /**
     * Of an expert's learner.
     *
     * @param trainingFileHash SHA-256 of the training cases
     */
    public static Fingerprint of(
            LearnerConfig config, LearnerTask task, String trainingFileHash, String modelHash, Precision dtype) {
        SortedMap<String, String> values = new TreeMap<>();
        flatten("", JSON.valueToTree(config), values);
        flatten("", JSON.valueToTree(task.plan()), values);
        return of(values, task, trainingFileHash, modelHash, dtype);
    }

    /** The same of an expert that begins as an adapter which was trained elsewhere. @param adapterHash its hash */
    public Fingerprint startingFrom(String adapterHash) {
        SortedMap<String, String> values = new TreeMap<>(config);
        values.put("start.adapters", adapterHash);
        return new Fingerprint(values, modelHash);
    }

    /** The same of an expert whose base an agent is folded into. @param adapterHash the agent's */
    public Fingerprint foldedOver(String adapterHash) {
        SortedMap<String, String> values = new TreeMap<>(config);
        values.put("fold_agent", adapterHash);
        return new Fingerprint(values, modelHash);
    }

    /**
     * Of the unified agent's learner.
     *
     * @param parents hashes of the adapters that it starts from and learns from, by policy
     * @param trainingFileHash SHA-256 of the training cases
     */
    public static Fingerprint ofConsolidation(
            LearnerConfig config,
            LearnerTask task,
            Map<String, String> parents,
            String trainingFileHash,
            String modelHash,
            Precision dtype) {
        SortedMap<String, String> values = new TreeMap<>();
        flatten("merger.consolidate", JSON.valueToTree(task.consolidation()), values);
        flatten("optimiser", JSON.valueToTree(config.optimiser()), values);
        values.put("loss.is_cap", Double.toString(config.loss().isCap()));
        values.put("seed", Long.toString(task.plan().seed()));
        parents.forEach((policy, hash) -> values.put("adapter of " + policy, hash));
        return of(values, task, trainingFileHash, modelHash, dtype);
    }

    private static Fingerprint of(
            SortedMap<String, String> values,
            LearnerTask task,
            String trainingFileHash,
            String modelHash,
            Precision dtype) {
        values.put("max_completion_tokens", Integer.toString(task.maxCompletionTokens()));
        values.keySet()
                .removeIf(key -> key.startsWith("ckpt.")
                        || key.startsWith("learner.")
                        || key.startsWith("activations.")
                        || key.equals("optimiser.max_skipped_steps"));
        values.put("training_cases", trainingFileHash);
        values.put("compute.dtype", dtype.label());
        return new Fingerprint(values, modelHash);
    }

    /** SHA-256 (hex) of the settings. */
    public String hash() {
        return DigestUtils.sha256Hex(config.toString());
    }

    /** @throws UsageException naming the first thing that a checkpoint was made with and that is different now */
    public void requireMadeBySame(Checkpoint.Facts facts) {
        String whose = "the checkpoint of %s, version %d, was made with ".formatted(facts.specialty(), facts.version());
        if (!facts.modelHash().equals(modelHash)) {
            throw new UsageException(whose + "base model " + facts.modelHash() + ", but this one is " + modelHash
                    + "; use a new run directory");
        }
        TreeSet<String> keys = new TreeSet<>(config.keySet());
        keys.addAll(facts.config().keySet());
        for (String key : keys) {
            String then = facts.config().getOrDefault(key, LATER.getOrDefault(key, "(nothing)"));
            String now = config.getOrDefault(key, "(nothing)");
            if (!then.equals(now)) {
                throw new UsageException(whose + key + " = " + then + ", but it is " + now
                        + " now; set it back or use a new run directory");
            }
        }
    }

    private static void flatten(String path, JsonNode node, Map<String, String> values) {
        if (node.isObject()) {
            node.properties()
                    .forEach(field -> flatten(
                            path.isEmpty() ? field.getKey() : path + "." + field.getKey(), field.getValue(), values));
        } else {
            values.put(path, node.isTextual() ? node.asText() : node.toString());
        }
    }
}
