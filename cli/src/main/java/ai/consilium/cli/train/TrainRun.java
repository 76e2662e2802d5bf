package ai.consilium.cli.train;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.directory.RunLog;
import ai.consilium.cli.directory.ShellWord;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.progress.PhaseClock;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.progress.Timings;
import ai.consilium.cli.report.Results;
import ai.consilium.cli.run.AddedSpecialties;
import ai.consilium.cli.run.Checkpointing;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.EditionsOfRun;
import ai.consilium.cli.run.HostSettings;
import ai.consilium.cli.run.LoggedAdapter;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.run.RoleFactory;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.cli.run.RunAdapters;
import ai.consilium.cli.run.ServiceGroup;
import ai.consilium.cli.run.StartAdapters;
import ai.consilium.cli.run.Tracing;
import ai.consilium.monitor.MonitorService;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.manifest.ControlWatch;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.transaction.HangingTransactions;
import ai.consilium.policy.model.ModelDirectory;
import ai.consilium.runlog.TopicContent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.Topics;
import ai.consilium.tracking.TrackingService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** One whole run in one process, from the first check to the table. */
public final class TrainRun {
    private static final int INTERRUPTED = 130;

    private final ConfigOptions.Loaded loaded;
    private final ConsiliumConfig config;
    private final Path configBase;
    private final Path directory;
    private final RunDirectory.Opening opening;
    private final boolean control;
    private final Optional<Fork> fork;
    private final PrintWriter out;
    private final PrintWriter err;
    private final Timings timings = new Timings();

    /**
     * One run.
     *
     * @param configBase directory that files named in the configuration are relative to
     * @param control whether longer supervision is trained for comparison
     * @param fork what it begins with, where that is another run's agent
     */
    public TrainRun(
            ConfigOptions.Loaded loaded,
            Path configBase,
            Path directory,
            RunDirectory.Opening opening,
            boolean control,
            Optional<Fork> fork,
            PrintWriter out,
            PrintWriter err) {
        this.loaded = loaded;
        this.config = loaded.config();
        this.configBase = configBase;
        this.directory = directory;
        this.opening = opening;
        this.control = control;
        this.fork = fork;
        this.out = out;
        this.err = err;
    }

    /**
     * Runs.
     *
     * @return exit code
     */
    @SuppressWarnings("try") // the log is written to by others while it is open
    public int run() throws IOException, InterruptedException {
        timings.begin("start");
        Early early = refuseEarly();
        try (Interruption interruption = new Interruption();
                RunDirectory run = RunDirectory.open(directory, opening);
                RunLog log = new RunLog(directory)) {
            RunId.keep(directory, runId());
            early.agent().ifPresent(agent -> Fork.keep(agent, directory, config.model()));
            if (!Files.exists(directory.resolve(RunFiles.CONFIG))) {
                keepConfiguration();
            }
            timings.begin("cases");
            DataSet read = early.cases().isPresent() ? early.cases().get() : DataSet.simulate(run.data(), config);
            timings.begin("load");
            try (ModelRuntime runtime = ModelRuntime.load(config, read.library(), configBase, MemoryReport.ALL);
                    Cluster cluster = config.embedded()
                            ? Cluster.embedded(config, run.kafka(), directory)
                            : Cluster.configured(config)) {
                KafkaClients kafka = cluster.clients(config, runId());
                HangingTransactions.end(kafka);
                RunSettings settings = settings(kafka, read);
                DataSet data = read.ofRun(new EditionsOfRun(kafka, settings));
                // Not earlier: a run that refuses what it was resumed with keeps what it began with.
                keepConfiguration();
                TopicCatalogue.create(kafka, settings.policies());
                if (!train(interruption, kafka, settings, runtime, data)) {
                    boolean told = !interruption.asked();
                    err.println("consilium: " + (told ? "stopped" : "interrupted")
                            + "; resume with: ./consilium train --resume --run-dir " + ShellWord.of(directory));
                    err.flush();
                    return told ? 0 : INTERRUPTED;
                }
                new Conclusion(config, configBase, directory, timings, out, err)
                        .conclude(
                                RunAdapters.fromLog(kafka, settings.policies(), bestAmong(data), lastRound(kafka)),
                                kafka,
                                runtime,
                                data,
                                control);
                return 0;
            }
        }
    }

    /**
     * What is there before the run directory.
     *
     * @param agent of the run that is forked
     * @param cases unless they are simulated
     */
    private record Early(Optional<LoggedAdapter> agent, Optional<DataSet> cases) {}

    /** Whatever can be refused is refused before the run directory exists. */
    private Early refuseEarly() throws IOException {
        if (!config.learner().learner().specialties().isEmpty()) {
            throw new UsageException(
                    "learner.specialties: consilium train trains all specialties; it is for consilium run learner");
        }
        PreflightChecks checks = new PreflightChecks(config);
        checks.portsOfRun();
        Checkpointing.requireUsable(config, configBase);
        ModelDirectory model = checks.model();
        checks.memory("train", MemoryReport.ALL);
        checks.prompts(model, configBase);
        Optional<LoggedAdapter> agent = startsFit(model);
        checks.scoring(configBase);
        config.tracking().requireTokens(System.getenv());
        if (!config.embedded()) {
            Cluster.configured(config).clients(config, runId());
        }
        if (config.simulated()) {
            checks.clinic();
            return new Early(agent, Optional.empty());
        }
        return new Early(
                agent, Optional.of(opening == RunDirectory.Opening.RESUME ? checks.casesOfRun() : checks.cases()));
    }

    /** @return the agent that is forked, which its run's directory will hold */
    private Optional<LoggedAdapter> startsFit(ModelDirectory model) throws IOException {
        if (fork.isEmpty()) {
            StartAdapters.read(config, model);
            return Optional.empty();
        }
        return Optional.of(fork.get().fetch(model));
    }

    /** First version of the last round, which may have come early. */
    private long lastRound(KafkaClients kafka) {
        AtomicInteger newest = new AtomicInteger();
        TopicContent.read(
                kafka,
                Topics.POLICY_UPDATES,
                PolicyUpdate.class,
                update -> newest.accumulateAndGet(update.getRound(), Math::max));
        return newest.get() * (config.plan().steps() + 1L);
    }

    /** On how many cases the versions of each expert were examined, where the best of them is merged. */
    private Map<String, Integer> bestAmong(DataSet data) {
        Map<String, Integer> examined = new HashMap<>();
        if (config.learner().ckpt().keepBest()) {
            for (String specialty : config.specialties()) {
                int there = Results.ofSpecialty(data.validation().cases(), specialty)
                        .size();
                examined.put(specialty, config.eval().casesOf(there));
            }
        }
        return examined;
    }

    private String runId() {
        return RunId.of(config, directory);
    }

    private void keepConfiguration() {
        ConfigBase.keep(directory, configBase);
        // Last: with it the directory holds a run that can be resumed.
        AtomicFile.write(directory.resolve(RunFiles.CONFIG), loaded.yaml());
    }

    /** Of this run: those of the manifest that it began with, if it has one. */
    private RunSettings settings(KafkaClients kafka, DataSet data) {
        RunSettings own = HostSettings.of(Role.SCHEDULER, config, data.library(), configBase);
        Optional<RunManifest> manifest = ManifestLog.newest(kafka);
        if (manifest.isEmpty()) {
            data.refusedLine().ifPresent(refused -> {
                throw new PreflightChecks(config).unusable(refused);
            });
        }
        manifest.ifPresent(own::requireContinues);
        AddedSpecialties added = new AddedSpecialties(config, own, "train", err);
        manifest = manifest.map(newest -> added.to(newest, kafka));
        manifest.filter(newest -> RunControl.of(newest) == RunControl.STOP)
                .ifPresent(newest -> ManifestLog.revise(
                        kafka, RunControl.GO.after(newest, "train", System.currentTimeMillis()), "train"));
        return manifest.map(own::under).orElse(own);
    }

    /**
     * All roles, until those that end by themselves have: learner, scheduler (which closes the books), merger.
     *
     * @return false when interrupted, or told to stop
     */
    private boolean train(
            Interruption interruption, KafkaClients kafka, RunSettings settings, ModelRuntime runtime, DataSet data)
            throws InterruptedException {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        Tracing tracing = Tracing.of(config, kafka, runId(), "train", "train");
        RunContext context = new RunContext(runId(), "train", settings, tracing.kafka(), metrics);
        RoleFactory roles = new RoleFactory(config, context, data.library(), directory, configBase, () -> runtime);
        try (tracing;
                ServiceGroup services = new ServiceGroup(config, context, metrics, "train", directory)) {
            services.beat();
            ControlWatch control = new ControlWatch(kafka, "train");
            services.start(control);
            MonitorService monitor = roles.monitor();
            services.start(monitor);
            announce(services, monitor, data);
            TrackingService tracking = roles.tracking();
            services.start(tracking);
            List<Service> ending = new ArrayList<>();
            for (Role role : Role.values()) {
                if (role != Role.MONITOR) {
                    Service service = roles.build(role);
                    services.start(service);
                    if (role.endsByItself()) {
                        ending.add(service);
                    }
                }
            }
            boolean over = follow(() -> interruption.asked() || control.stopped(), services, monitor, ending, runtime);
            if (over) {
                tracking.complete();
            }
            return over;
        }
    }

    private void announce(ServiceGroup services, MonitorService monitor, DataSet data) {
        err.println("run directory  " + directory);
        fork.ifPresent(from -> err.println("forked from    " + from.name()));
        err.println("live page      " + monitor.announcement());
        services.healthUrl().ifPresent(url -> err.println("metrics        " + url + "/metrics"));
        err.println("cases          " + DataSet.count(data.train(), config.specialties()) + " to train on, "
                + DataSet.count(data.test(), config.specialties()) + " held out"
                + (data.simulated() ? " (all simulated: Consilium's clinic, not patients)" : ""));
        err.flush();
        DataSet.tell(services.events(), data.root(), data.simulated());
    }

    private boolean follow(
            BooleanSupplier interrupted,
            ServiceGroup services,
            MonitorService monitor,
            List<Service> ending,
            ModelRuntime runtime)
            throws InterruptedException {
        ProgressLine progress = new ProgressLine(err, ProgressLine.watched());
        PhaseClock phases =
                new PhaseClock(timings, runtime.compute(), config.plan().lastVersion(config.rounds() - 1));
        while (!ServiceGroup.over(ending)) {
            if (interrupted.getAsBoolean()) {
                progress.end();
                return false;
            }
            services.requireHealthy();
            RunSnapshot snapshot = monitor.snapshot();
            phases.see(snapshot);
            progress.show(snapshot, timings.total());
            Thread.sleep(200);
        }
        services.requireHealthy();
        phases.end();
        progress.end();
        phases.report(err);
        return true;
    }
}
