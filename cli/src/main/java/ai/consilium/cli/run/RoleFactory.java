package ai.consilium.cli.run;

import ai.consilium.advantage.AdvantageService;
import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.PortablePictures;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.learner.LearnerService;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.merger.MergerService;
import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.monitor.MonitorService;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.reward.RewardService;
import ai.consilium.rollout.scheduler.SchedulerService;
import ai.consilium.rollout.worker.RolloutService;
import ai.consilium.tracking.TrackingService;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Builds each role from the configuration: the one place that knows every service. */
public final class RoleFactory {
    /** The roles, in the order in which one process starts them: readers before writers. */
    public enum Role {
        MONITOR,
        ADVANTAGE,
        REWARD,
        MERGER,
        LEARNER,
        ROLLOUT,
        SCHEDULER;

        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** Whether the role reads cases or loads the model. */
        public boolean needsCases() {
            return this != MONITOR && this != ADVANTAGE;
        }

        /** Whether the role computes with the model. */
        public boolean loadsModel() {
            return !work().isEmpty();
        }

        /** What it does with the model. */
        public Set<Work> work() {
            return switch (this) {
                case ROLLOUT -> Set.of(Work.ROLLOUT);
                case LEARNER -> Set.of(Work.LEARNER);
                case MERGER -> Set.of(Work.MERGER);
                case MONITOR, ADVANTAGE, REWARD, SCHEDULER -> Set.of();
            };
        }

        /** Whether the role knows by itself when its work is done; the others serve until the run is over. */
        public boolean endsByItself() {
            return this == MERGER || this == LEARNER || this == SCHEDULER;
        }

        public static List<String> labels() {
            return Arrays.stream(values()).map(Role::label).toList();
        }
    }

    private final ConsiliumConfig config;
    private final RunContext context;
    private final CaseLibrary cases;
    private final Path runDirectory;
    private final Path configBase;
    private final Supplier<ModelRuntime> runtime;

    /**
     * Over what a process shares.
     *
     * @param configBase directory that files named in the configuration are relative to
     * @param runtime loaded when the first role asks
     */
    public RoleFactory(
            ConsiliumConfig config,
            RunContext context,
            CaseLibrary cases,
            Path runDirectory,
            Path configBase,
            Supplier<ModelRuntime> runtime) {
        this.config = config;
        this.context = context;
        this.cases = cases;
        this.runDirectory = runDirectory;
        this.configBase = configBase;
        this.runtime = runtime;
    }

    /** A role that has not started. */
    public Service build(Role role) {
        return switch (role) {
            case MONITOR -> monitor();
            case ADVANTAGE -> new AdvantageService(context, config.advantage(), runDirectory.resolve("state"));
            case REWARD ->
                new RewardService(
                        context,
                        config.reward(),
                        cases,
                        new PortablePictures(config.images().settings()));
            case MERGER ->
                new MergerService(
                        context,
                        config.merger(),
                        config.plan().seed(),
                        config.rounds(),
                        config.eval(),
                        config.learner().ckpt().keepBest(),
                        mergerInputs());
            case LEARNER ->
                new LearnerService(
                        context,
                        config.learnerPolicies(),
                        config.learner(),
                        new LearnerTask(
                                config.plan(),
                                config.merger().consolidate(),
                                config.eval(),
                                config.rounds(),
                                config.foldAgent(),
                                maxCompletionTokens()),
                        runtime.get()
                                .learnerInputs(
                                        config,
                                        cases,
                                        Checkpointing.of(config, context.runId(), configBase, runDirectory)));
            case ROLLOUT ->
                new RolloutService(
                        context,
                        config.rollout(),
                        cases,
                        runtime.get().encoder().layout(),
                        runtime.get().inferenceEngine(config.rollout(), runDirectory, context.metrics()));
            case SCHEDULER -> scheduler();
        };
    }

    private SchedulerService scheduler() {
        PreflightChecks checks = new PreflightChecks(config);
        return new SchedulerService(
                context,
                config.scheduler(),
                config.merger().consolidate(),
                config.eval(),
                config.rounds(),
                cases,
                checks.scoring(configBase).config(),
                checks.watch(configBase),
                Optional.of(runDirectory.resolve("scheduler.json")));
    }

    /** The monitor, whose page has an address. */
    public MonitorService monitor() {
        return new MonitorService(
                context, config.monitor(), CaseContent.inputs(config, configBase, () -> cases, runDirectory, false));
    }

    /** What writes lineage and metrics beside the merger. */
    public TrackingService tracking() {
        Map<String, Integer> examined = new HashMap<>();
        if (config.eval().wanted()) {
            for (String specialty : config.specialties()) {
                long there = cases.file(CaseLibrary.VALIDATION_FILE).cases().stream()
                        .filter(of -> of.specialty().equals(specialty))
                        .count();
                examined.put(specialty, config.eval().questions(config.eval().casesOf(there)));
            }
        }
        String namespace = config.embedded()
                ? "kafka://embedded"
                : "kafka://"
                        + config.kafka().bootstrapServers().split(",", 2)[0].strip();
        return new TrackingService(context, config.tracking(), runDirectory, namespace, examined, System.getenv());
    }

    private int maxCompletionTokens() {
        return config.scheduler().sampling().maxCompletionTokens();
    }

    private MergerInputs mergerInputs() {
        ModelRuntime shared = runtime.get();
        return new MergerInputs(
                shared.model(),
                shared.compute(),
                shared.evaluator(maxCompletionTokens(), config.answer()),
                cases,
                CaseLibrary.VALIDATION_FILE,
                runDirectory);
    }
}
