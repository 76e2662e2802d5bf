package ai.consilium.cli.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.prompt.Perspective;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.config.LossConfig;
import ai.consilium.merger.MergerConfig;
import ai.consilium.monitor.MonitorConfig;
import ai.consilium.platform.service.HealthConfig;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.rollout.scheduler.SchedulerConfig;
import ai.consilium.rollout.worker.RolloutConfig;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/**
 * The whole configuration, as defaults.yaml lays it out. Names are those that users of verl, TRL and prime-rl know.
 *
 * @param runId name of the run: prefix of its topics; empty takes the run directory's name
 * @param instance name of this process among those of its role; empty takes the run directory's name
 * @param seed of everything that is drawn, the simulated cases apart
 * @param model Hugging Face directory of the base
 * @param dataRoot directory with train.jsonl, val.jsonl and test.jsonl; empty simulates cases
 * @param specialties one expert each, in partition order
 * @param steps reinforcement updates per specialty
 * @param groupSize samples per group
 * @param batchSize groups per update
 * @param maxOffPolicySteps versions that sampling may run ahead of training
 * @param staleness wait, or drop what is older
 * @param maxUntrainedBatches the run stops when so many times the groups under way end in a row without training; 0: never
 * @param perspectives strata of a group
 * @param sampling how completions are drawn
 * @param deadline after which a group closes incomplete
 * @param lora adapters
 * @param dsa supervised start
 * @param rl policy gradient
 * @param loss its objective
 * @param optimiser AdamW
 * @param ckpt checkpoints
 * @param reward scorers and estimator
 * @param advantage the stream
 * @param rollout workers
 * @param merger integration
 * @param monitor the live page
 * @param clinic simulated cases
 * @param images bounds of pictures
 * @param compute threads for tensors
 * @param kafka the log
 * @param schemaRegistry the registry
 * @param health /metrics, /livez and /readyz of the process
 */
public record ConsiliumConfig(
        String runId,
        String instance,
        long seed,
        String model,
        String dataRoot,
        List<String> specialties,
        int steps,
        int groupSize,
        int batchSize,
        int maxOffPolicySteps,
        SchedulerConfig.Staleness staleness,
        int maxUntrainedBatches,
        List<String> perspectives,
        SchedulerConfig.Sampling sampling,
        Duration deadline,
        LearnerConfig.Lora lora,
        LearnerConfig.Dsa dsa,
        LearnerConfig.Rl rl,
        LossConfig loss,
        LearnerConfig.Optimiser optimiser,
        LearnerConfig.Ckpt ckpt,
        RewardConfig reward,
        AdvantageConfig advantage,
        RolloutConfig rollout,
        MergerConfig merger,
        MonitorConfig monitor,
        ClinicSettings clinic,
        ImagesSection images,
        ComputeSection compute,
        KafkaSection kafka,
        RegistrySection schemaRegistry,
        HealthConfig health) {
    public static final String TRAIN_FILE = "train.jsonl";
    public static final String VALIDATION_FILE = "val.jsonl";
    public static final String TEST_FILE = "test.jsonl";
    public static final List<String> CASE_FILES = List.of(TRAIN_FILE, VALIDATION_FILE, TEST_FILE);

    /** Names of runs, instances and specialties become names of topics, groups, members and directories. */
    public static final String RUN_ID = "[A-Za-z0-9][A-Za-z0-9-]{0,63}";

    private static final String SPECIALTY = "[A-Za-z0-9][A-Za-z0-9_-]{0,63}";

    /**
     * Tensors.
     *
     * @param threads 0 takes one per processor
     * @param dtype of weights and activations, fp32 or bf16; adapters and moments are float32
     * @param device cpu or cuda:N
     * @param priority of train or sample; with sample, staleness reaches max_off_policy_steps
     */
    public record ComputeSection(int threads, String dtype, String device, String priority) {
        public ComputeSection {
            require(threads >= 0 && threads <= 256, "threads must be between 0 (one per core) and 256");
            Precision.named(dtype);
            require(
                    List.of("train", "sample").contains(priority),
                    "priority must be train or sample, not '" + priority + "'");
        }

        public Compute.Urgency first() {
            return priority.equals("sample") ? Compute.Urgency.SAMPLE : Compute.Urgency.TRAIN;
        }

        public int resolved() {
            return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        }
    }

    /**
     * Pictures of cases.
     *
     * @param maxPixels of a file; a larger one is refused before it is decoded
     */
    public record ImagesSection(long maxPixels) {
        public ImagesSection {
            require(maxPixels >= 1, "max_pixels must be at least 1");
        }
    }

    /**
     * The log. Every other key under {@code kafka} goes to the clients as it is, {@code bootstrap.servers} first; without
     * bootstrap servers {@code train} starts a broker of its own.
     *
     * @param port of the embedded broker; 0 takes a free one
     * @param partitions of the topics keyed by group
     * @param replicationFactor of the run's topics
     * @param properties in Kafka's own spelling
     */
    public record KafkaSection(int port, int partitions, int replicationFactor, Map<String, String> properties) {
        public static final String BOOTSTRAP = "bootstrap.servers";

        public KafkaSection {
            require(port >= 0 && port <= 65_535, "port must be between 0 and 65535");
            require(partitions >= 1 && partitions <= 1000, "partitions must be between 1 and 1000");
            require(replicationFactor >= 1 && replicationFactor <= 10, "replication_factor must be between 1 and 10");
            properties = Map.copyOf(properties);
        }

        public String bootstrapServers() {
            return properties.getOrDefault(BOOTSTRAP, "");
        }
    }

    /**
     * The registry.
     *
     * @param url empty starts one
     * @param port of the embedded one; 0 takes a free one
     */
    public record RegistrySection(String url, int port) {
        public RegistrySection {
            require(port >= 0 && port <= 65_535, "port must be between 0 and 65535");
        }
    }

    /** Checks what no section can see alone. */
    public ConsiliumConfig {
        specialties = List.copyOf(specialties);
        require(
                runId.isEmpty() || runId.matches(RUN_ID),
                "run_id must be letters, digits and hyphens, at most 64, not '" + runId + "'");
        require(
                instance.isEmpty() || instance.matches(RUN_ID),
                "instance must be letters, digits and hyphens, at most 64, not '" + instance + "'");
        require(!specialties.isEmpty(), "specialties must name at least one");
        for (String specialty : specialties) {
            require(
                    specialty.matches(SPECIALTY),
                    "specialties must consist of letters, digits, _ and -, not '" + specialty + "'");
            require(
                    !specialty.equals(Topics.UNIFIED),
                    "specialties: '" + Topics.UNIFIED + "' is the name of the merged agent; choose another name");
        }
        require(
                new HashSet<>(specialties).size() == specialties.size(),
                "specialties contains duplicates: " + specialties);
        for (String perspective : perspectives) {
            require(
                    Perspective.ALL.contains(perspective),
                    "perspectives: '" + perspective + "' is not one of " + String.join(", ", Perspective.ALL));
        }
        require(
                reward.scorers().stream().anyMatch(scorer -> Boolean.TRUE.equals(scorer.required())),
                "reward.scorers must contain a required scorer: a group waits only for those");
        require(
                dsa.sharedSteps() == 0 || dsa.batchSize() >= specialties.size(),
                "dsa.batch_size must be at least %d: one example of each specialty in the shared start"
                        .formatted(specialties.size()));
        for (String traced : dsa.traces().keySet()) {
            // The defaults name specialties of the clinic that a run may leave out.
            require(
                    specialties.contains(traced)
                            || Clinic.SPECIALTIES.contains(traced)
                            || traced.equals(LearnerConfig.Dsa.OTHERS),
                    "dsa.traces." + traced + " is not one of the specialties " + String.join(", ", specialties));
        }
        for (String weighed : merger.weights().keySet()) {
            require(
                    specialties.contains(weighed),
                    "merger.weights." + weighed + " is not one of the specialties " + String.join(", ", specialties));
        }
        require(
                dsa.sharedSteps() == 0 || merger.rank() > lora.rank(),
                "merger.rank must be above lora.rank (%d): the shared start (dsa.shared_steps) takes up that much of it"
                        .formatted(lora.rank()));
        new SchedulerConfig(
                groupSize,
                batchSize,
                maxOffPolicySteps,
                staleness,
                maxUntrainedBatches,
                steps,
                perspectives,
                sampling,
                deadline,
                TRAIN_FILE,
                seed);
    }

    public SchedulerConfig scheduler() {
        return new SchedulerConfig(
                groupSize,
                batchSize,
                maxOffPolicySteps,
                staleness,
                maxUntrainedBatches,
                steps,
                perspectives,
                sampling,
                deadline,
                TRAIN_FILE,
                seed);
    }

    public LearnerConfig learner() {
        return new LearnerConfig(lora, dsa, rl, loss, optimiser, ckpt);
    }

    public LearnerTask learnerTask() {
        return new LearnerTask(batchSize, steps, maxOffPolicySteps, sampling.maxCompletionTokens(), seed);
    }

    public boolean embedded() {
        return kafka.bootstrapServers().isBlank();
    }

    public boolean simulated() {
        return dataRoot.isBlank();
    }
}
