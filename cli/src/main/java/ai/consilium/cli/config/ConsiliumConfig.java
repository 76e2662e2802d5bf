package ai.consilium.cli.config;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.advantage.AdvantageConfig;
import ai.consilium.cases.clinic.Clinic;
import ai.consilium.cases.clinic.ClinicSettings;
import ai.consilium.cases.grading.Grading;
import ai.consilium.fetch.CacheConfig;
import ai.consilium.fetch.FetchConfig;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.merger.MergerConfig;
import ai.consilium.monitor.MonitorConfig;
import ai.consilium.platform.config.Inline;
import ai.consilium.platform.objects.S3Settings;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.HealthConfig;
import ai.consilium.platform.telemetry.TelemetryConfig;
import ai.consilium.policy.adapter.Folding;
import ai.consilium.policy.compute.Compute;
import ai.consilium.policy.config.Precision;
import ai.consilium.policy.image.ImageSettings;
import ai.consilium.policy.image.ImageSettings.Window;
import ai.consilium.reward.config.RewardConfig;
import ai.consilium.rollout.scheduler.SchedulerConfig;
import ai.consilium.rollout.worker.RolloutConfig;
import ai.consilium.schemas.Topics;
import ai.consilium.tracking.TrackingConfig;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The whole configuration, as defaults.yaml lays it out. Names are those that users of verl, TRL and prime-rl know.
 *
 * @param runId name of the run: prefix of its topics; empty takes the run directory's name
 * @param instance name of this process among those of its role; empty takes the run directory's name
 * @param model Hugging Face directory of the base, or its address
 * @param prompts layout of prompts: a file, or shipped:NAME; empty takes the model's own, or shipped:clinical
 * @param dataRoot directory with train.jsonl, val.jsonl and test.jsonl, or its address; empty simulates cases
 * @param specialties one expert each, in partition order
 * @param answer how answers are found in completions, in training, at the merger's gate and in evaluations
 * @param scheduler what is sampled, how far the run trains; keys at the top level
 * @param rounds how often experts are trained and made one agent, which the next start from; 0: until the run is told to stop
 * @param foldAgent whether they are fresh adapters over the agent, which is folded into their base; else all of it is trained on
 * @param learner how it trains; keys at the top level
 * @param start what experts begin as
 * @param eval validation while training
 * @param reward scorers and estimator
 * @param advantage the stream
 * @param rollout workers
 * @param merger integration
 * @param monitor the live page
 * @param clinic simulated cases
 * @param images bounds of pictures
 * @param compute threads for tensors
 * @param kafka the log
 * @param s3 object stores
 * @param fetch how models and cases are fetched that are named by an address
 * @param cache where they are kept
 * @param schemaRegistry the registry
 * @param health /metrics, /livez and /readyz of the process
 * @param telemetry traces of samples
 * @param tracking what is left behind for other tools; keys at the top level
 */
public record ConsiliumConfig(
        String runId,
        String instance,
        String model,
        String prompts,
        String dataRoot,
        List<String> specialties,
        Grading.Mode answer,
        @Inline SchedulerConfig scheduler,
        int rounds,
        boolean foldAgent,
        @Inline LearnerConfig learner,
        StartSection start,
        ValidationPlan eval,
        RewardConfig reward,
        AdvantageConfig advantage,
        RolloutConfig rollout,
        MergerConfig merger,
        MonitorConfig monitor,
        ClinicSettings clinic,
        ImagesSection images,
        ComputeSection compute,
        KafkaSection kafka,
        S3Settings s3,
        FetchConfig fetch,
        CacheConfig cache,
        RegistrySection schemaRegistry,
        HealthConfig health,
        TelemetryConfig telemetry,
        @Inline TrackingConfig tracking) {
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
     * @param fold whether sampling adds adapters to copies of the weights: auto where there is memory for all, always, never
     * @param memoryGib that the process may count on; 0 takes the machine's, or the container's
     */
    public record ComputeSection(
            int threads, String dtype, String device, String priority, String fold, double memoryGib) {
        public ComputeSection {
            require(threads >= 0 && threads <= 256, "threads must be between 0 (one per core) and 256");
            Precision.named(dtype);
            require(
                    List.of("train", "sample").contains(priority),
                    "priority must be train or sample, not '" + priority + "'");
            Folding.Mode.named(fold);
            require(memoryGib >= 0 && memoryGib <= 1 << 20, "memory_gib must be between 0 (the machine's) and 1048576");
        }

        public Compute.Urgency first() {
            return priority.equals("sample") ? Compute.Urgency.SAMPLE : Compute.Urgency.TRAIN;
        }

        public int resolved() {
            return threads == 0 ? Runtime.getRuntime().availableProcessors() : threads;
        }
    }

    /**
     * What experts begin as instead of a supervised start.
     *
     * @param agent PEFT directory of another run's agent, or its address: all experts begin as it; empty: none
     * @param adapters PEFT directories, or their addresses, by specialty; an empty one is none
     */
    public record StartSection(String agent, Map<String, String> adapters) {
        public StartSection {
            adapters = adapters.entrySet().stream()
                    .filter(adapter -> !adapter.getValue().isBlank())
                    .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
            require(
                    agent.isBlank() || adapters.isEmpty(),
                    "agent and start.adapters are mutually exclusive: all experts begin as the agent");
        }
    }

    /**
     * Pictures of cases.
     *
     * @param maxPixels of a file; a larger one is refused before it is decoded
     * @param window lowest and highest of the stored values that are shown, of pictures of more than 8 bits; empty shows all
     * @param featuresMib memory for what the vision tower saw in them
     */
    public record ImagesSection(long maxPixels, List<Integer> window, int featuresMib) {
        public ImagesSection {
            require(maxPixels >= 1, "max_pixels must be at least 1");
            require(featuresMib >= 0 && featuresMib <= 1 << 20, "features_mib must be between 0 and 1048576");
            window = List.copyOf(window);
            require(
                    window.isEmpty() || window.size() == 2 && Window.fits(window.get(0), window.get(1)),
                    "window must be two numbers from 0 to 65535, the lower one first, not " + window);
        }

        /** As decoders take it. */
        public ImageSettings settings() {
            return new ImageSettings(
                    maxPixels,
                    window.isEmpty() ? Optional.empty() : Optional.of(new Window(window.get(0), window.get(1))));
        }
    }

    /**
     * The log. Every other key under {@code kafka} goes to the clients as it is, {@code bootstrap.servers} first; without
     * bootstrap servers {@code train} starts a broker of its own.
     *
     * @param port of the embedded broker; 0 takes a free one
     * @param partitions of the topics keyed by group
     * @param replicationFactor of the run's topics; 0: as many as there are brokers, three at most
     * @param properties in Kafka's own spelling
     */
    public record KafkaSection(int port, int partitions, int replicationFactor, Map<String, String> properties) {
        public static final String BOOTSTRAP = "bootstrap.servers";

        public KafkaSection {
            require(port >= 0 && port <= 65_535, "port must be between 0 and 65535");
            require(partitions >= 1 && partitions <= 1000, "partitions must be between 1 and 1000");
            require(replicationFactor >= 0 && replicationFactor <= 10, "replication_factor must be between 0 and 10");
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
        requirePlace("model", model);
        requirePlace("data_root", dataRoot);
        requirePlace("start.agent", start.agent());
        start.adapters().forEach((specialty, place) -> requirePlace("start.adapters." + specialty, place));
        require(
                rounds >= 0 && rounds <= 1000,
                "rounds must be between 0 (until the run is told to stop) and 1000, not " + rounds);
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
        require(
                reward.scorers().stream().anyMatch(scorer -> Boolean.TRUE.equals(scorer.required())),
                "reward.scorers must contain a required scorer: a group waits only for those");
        require(
                learner.dsa().sharedSteps() == 0 || learner.dsa().batchSize() >= specialties.size(),
                "dsa.batch_size must be at least %d: one example of each specialty in the shared start"
                        .formatted(specialties.size()));
        int adapters = trained(specialties, merger).size() + (eval.wanted() ? specialties.size() : 0);
        require(
                !rollout.remote() || rollout.vllm().adapterSlots() > adapters,
                "rollout.vllm.adapter_slots must be at least %d: one for each policy, one for each version that is examined beside it, and one for a version that is being loaded"
                        .formatted(adapters + 1));
        require(
                eval.wanted() || !learner.ckpt().keepBest(),
                "ckpt.keep_best needs eval.interval above 0: the best version is known by examinations");
        require(
                !eval.wanted() || reward.scorers().stream().anyMatch(ConsiliumConfig::judgesAnswers),
                "eval.interval needs a required scorer of type accuracy among reward.scorers");
        for (String traced : learner.dsa().traces().keySet()) {
            // The defaults name specialties of the clinic that a run may leave out.
            require(
                    specialties.contains(traced)
                            || Clinic.SPECIALTIES.contains(traced)
                            || traced.equals(LearnerConfig.Dsa.OTHERS),
                    "dsa.traces." + traced + " is not one of the specialties " + String.join(", ", specialties));
        }
        for (String learnt : learner.learner().specialties()) {
            require(
                    specialties.contains(learnt),
                    "learner.specialties: '" + learnt + "' is not one of the specialties "
                            + String.join(", ", specialties));
        }
        require(
                !learner.learner().help() || !learner.ckpt().store().isBlank(),
                "learner.help needs ckpt.store: learners stand by for each other where they share their checkpoints");
        require(
                !learner.learner().help() || learner.rl().numIterations() == 1,
                "learner.help needs rl.num_iterations 1: others know the version before a step, and not what its first update makes of it");
        for (String started : start.adapters().keySet()) {
            require(
                    specialties.contains(started),
                    "start.adapters." + started + " is not one of the specialties " + String.join(", ", specialties));
            require(
                    learner.dsa().sharedSteps() == 0,
                    "start.adapters." + started
                            + " needs dsa.shared_steps 0: the merger takes the shared start off every expert");
        }
        require(
                start.agent().isBlank() || learner.dsa().sharedSteps() == 0,
                "start.agent needs dsa.shared_steps 0: all experts begin as the agent");
        for (String weighed : merger.weights().keySet()) {
            require(
                    specialties.contains(weighed),
                    "merger.weights." + weighed + " is not one of the specialties " + String.join(", ", specialties));
        }
        require(
                scheduler.fits(merger.consolidate().groupSize()),
                "merger.consolidate.group_size must be lower, or sampling.max_completion_tokens: a group must fit into a record");
        require(
                specialties.stream().anyMatch(specialty -> merger.weight(specialty) > 0),
                "merger.weights." + specialties.get(0)
                        + " must be above 0: no specialty would have a part in the agent");
        require(
                !sharesStart(learner, start) || merger.rank() > learner.lora().rank(),
                "merger.rank must be above lora.rank (%d): the shared start (dsa.shared_steps, start.agent) takes up that much of it"
                        .formatted(learner.lora().rank()));
    }

    /** Whether all experts start from one adapter, which the merger takes off again. */
    public boolean sharesStart() {
        return sharesStart(learner, start);
    }

    private static boolean sharesStart(LearnerConfig learner, StartSection start) {
        return learner.dsa().sharedSteps() > 0 || !start.agent().isBlank();
    }

    private static void requirePlace(String key, String place) {
        if (SourceAddress.meantBy(place)) {
            try {
                SourceAddress.parse(place);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(key + " " + e.getMessage(), e);
            }
        }
    }

    private static boolean judgesAnswers(RewardConfig.ScorerConfig scorer) {
        return scorer.type().equals("accuracy") && scorer.isRequired();
    }

    /** How far the run trains, and in which batches. */
    public TrainingPlan plan() {
        return scheduler.plan();
    }

    /** The policies that are trained: an expert for each specialty, and the unified agent where experts are consolidated. */
    public List<String> trainedPolicies() {
        return trained(specialties, merger);
    }

    /**
     * Those that a learner process trains, or would if it got their lease. The unified agent needs no mention: where learners
     * share their checkpoints any of them may train it, and otherwise the one that has the first specialty does.
     */
    public List<String> learnerPolicies() {
        List<String> own = learner.learner().specialties();
        boolean unified = !learner.ckpt().store().isEmpty() || own.contains(specialties.get(0));
        return trainedPolicies().stream()
                .filter(policy -> own.isEmpty() || own.contains(policy) || policy.equals(Topics.UNIFIED) && unified)
                .toList();
    }

    private static List<String> trained(List<String> specialties, MergerConfig merger) {
        List<String> policies = new ArrayList<>(specialties);
        if (merger.consolidate().wanted()) {
            policies.add(Topics.UNIFIED);
        }
        return policies;
    }

    public boolean embedded() {
        return kafka.bootstrapServers().isBlank();
    }

    public boolean simulated() {
        return dataRoot.isBlank();
    }
}
