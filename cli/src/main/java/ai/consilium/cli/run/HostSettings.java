package ai.consilium.cli.run;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseFile;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.learner.context.GivenStarts;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.run.ScoringRevision;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.schemas.PolicyTable;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What this host takes its run to be, by its configuration and its files: the values that the scheduler writes to the manifest,
 * and for each other role those that matter to it. A configuration key that all hosts must agree on belongs here.
 */
public final class HostSettings {
    private static final String DATA = "data_root/";
    private static final String SHA256 = ".sha256";
    /** SHA-256 of the model that is trained, among a run's settings. */
    static final String MODEL = "model" + SHA256;

    /**
     * What a scheduler may change when it starts again: no checkpoint and no adapter was made with them. The others stay as they
     * are until the run is over.
     */
    private static final Set<String> REVISABLE = Set.of(
            "group_size",
            "perspectives",
            "answer",
            "sampling.temperature",
            "images.max_pixels",
            "images.window",
            "optimiser.max_skipped_steps",
            ScoringRevision.CONFIGURED,
            ScoringRevision.KEYS);

    private static final JsonMapper JSON = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .addModule(new SimpleModule().addSerializer(Duration.class, ToStringSerializer.instance))
            .build();

    private final ConsiliumConfig config;
    private final PreflightChecks checks;
    private final CaseLibrary cases;
    private final Path configBase;
    private final SortedMap<String, String> values = new TreeMap<>();

    /** @param configBase directory that files named in the configuration are relative to */
    private HostSettings(ConsiliumConfig config, CaseLibrary cases, Path configBase) {
        this.config = config;
        this.checks = new PreflightChecks(config);
        this.cases = cases;
        this.configBase = configBase;
        values.put("kafka.partitions", Integer.toString(config.kafka().partitions()));
    }

    /**
     * What matters to a role. Reads the files that are named by their content.
     *
     * @param configBase directory that files named in the configuration are relative to
     * @throws ai.consilium.platform.UsageException when the model cannot be used
     * @throws ai.consilium.cases.format.CaseException when a case file or a picture cannot be read
     */
    public static RunSettings of(Role role, ConsiliumConfig config, CaseLibrary cases, Path configBase) {
        HostSettings settings = new HostSettings(config, cases, configBase);
        switch (role) {
            case SCHEDULER -> settings.wholeRun();
            case LEARNER -> settings.learning();
            case ROLLOUT -> settings.model().seen(CaseLibrary.TRAINING_FILE).examined();
            case REWARD -> {
                settings.file(CaseLibrary.TRAINING_FILE);
                settings.examined();
            }
            case MERGER -> {
                settings.put("answer", config.answer().label());
                settings.model().seen(CaseLibrary.VALIDATION_FILE).completions();
                settings.put("rounds", config.rounds());
                settings.put("merger.consolidate", config.merger().consolidate());
                settings.put("eval", config.eval());
                settings.put("ckpt.keep_best", config.learner().ckpt().keepBest());
            }
            case MONITOR -> {
                settings.put("steps", config.plan().steps());
                settings.put("rounds", config.rounds());
            }
            case ADVANTAGE -> {
                // Everything that it needs is in the records.
            }
        }
        boolean pictures = settings.values.containsKey(CaseEdition.IMAGES);
        return new RunSettings(
                new BuildInfo().code(),
                PolicyTable.of(config.specialties()),
                settings.values,
                REVISABLE,
                new HostCases(cases, role == Role.SCHEDULER, pictures));
    }

    /** SHA-256 of the case files among a run's settings that stay as they are, by name. */
    static Map<String, String> heldOutFiles(Map<String, String> settings) {
        return CaseLibrary.HELD_OUT.stream()
                .filter(file -> settings.containsKey(sha256(file)))
                .collect(Collectors.toMap(file -> file, file -> settings.get(sha256(file))));
    }

    /** Key of a case file's SHA-256. */
    static String sha256(String file) {
        return DATA + file + SHA256;
    }

    /** Key of the SHA-256 of the pictures that its cases show. */
    static String imagesSha256(String file) {
        return DATA + file + ".images" + SHA256;
    }

    private void wholeRun() {
        learning().seen(CaseLibrary.VALIDATION_FILE).seen(CaseLibrary.TEST_FILE);
        put("ckpt.keep_best", config.learner().ckpt().keepBest());
        put("group_size", config.scheduler().groupSize());
        put("perspectives", config.scheduler().perspectives());
        put("answer", config.answer().label());
        put("sampling.temperature", config.scheduler().sampling().temperature());
        values.put(ScoringRevision.CONFIGURED, checks.scoring(configBase).hash());
        values.put(ScoringRevision.KEYS, scoringKeys());
    }

    /** Hash of everything that a scoring configuration is made of, but for what files hold. */
    private String scoringKeys() {
        RewardConfig reward = config.reward();
        try {
            return DigestUtils.sha256Hex(JSON.writeValueAsString(List.of(
                    reward.advEstimator(),
                    reward.advantage(),
                    reward.scorers(),
                    reward.http(),
                    config.answer().label(),
                    checks.modelDirectory().stopTokens().ids())));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private HostSettings learning() {
        put("seed", config.plan().seed());
        put("steps", config.plan().steps());
        put("rounds", config.rounds());
        put("fold_agent", config.foldAgent());
        put("batch_size", config.plan().batchSize());
        put("max_off_policy_steps", config.plan().maxOffPolicySteps());
        put("lora", config.learner().lora());
        put("dsa", config.learner().dsa());
        put("rl", config.learner().rl());
        put("loss", config.learner().loss());
        put("optimiser", config.learner().optimiser());
        put("merger.consolidate", config.merger().consolidate());
        GivenStarts starts = StartAdapters.read(config, checks.modelDirectory());
        starts.agent().ifPresent(agent -> values.put(StartAdapters.AGENT + SHA256, agent.hash()));
        starts.adapters()
                .forEach((specialty, adapter) ->
                        values.put(StartAdapters.ADAPTERS + specialty + SHA256, adapter.hash()));
        put("eval", config.eval());
        return model().seen(CaseLibrary.TRAINING_FILE).examined().completions();
    }

    /** What is examined while training is of the validation cases. */
    private HostSettings examined() {
        return config.eval().wanted() ? seen(CaseLibrary.VALIDATION_FILE) : this;
    }

    private HostSettings model() {
        ModelDirectory model = checks.modelDirectory();
        values.put(MODEL, model.hash());
        values.put("prompts" + SHA256, checks.prompts(model, configBase).hash());
        put("model.eos_token_id", model.stopTokens().ids());
        put("compute.dtype", config.compute().dtype());
        return this;
    }

    private HostSettings completions() {
        put("sampling.max_completion_tokens", config.scheduler().sampling().maxCompletionTokens());
        return this;
    }

    private CaseFile file(String name) {
        CaseFile file = name.equals(CaseLibrary.TRAINING_FILE) ? cases.usable(name) : cases.file(name);
        values.put(sha256(name), file.sha256());
        if (name.equals(CaseLibrary.TRAINING_FILE)) {
            values.put(CaseEdition.CASES, Integer.toString(file.cases().size()));
        }
        return file;
    }

    /** A case file whose pictures are looked at too. */
    private HostSettings seen(String name) {
        values.put(imagesSha256(name), cases.imagesSha256(file(name)));
        put("images.max_pixels", config.images().maxPixels());
        put("images.window", config.images().window());
        return this;
    }

    /** A value, or every value of a section, by its key in the configuration. */
    private void put(String key, Object value) {
        flatten(key, JSON.valueToTree(value));
    }

    private void flatten(String key, JsonNode node) {
        if (node.isObject()) {
            node.properties().forEach(field -> flatten(key + "." + field.getKey(), field.getValue()));
        } else if (node.isDouble()) {
            values.put(key, node.decimalValue().stripTrailingZeros().toPlainString());
        } else {
            values.put(key, node.isTextual() ? node.asText() : node.toString());
        }
    }
}
