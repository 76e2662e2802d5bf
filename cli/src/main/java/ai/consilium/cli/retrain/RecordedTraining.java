package ai.consilium.cli.retrain;

import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.directory.ConfigBase;
import ai.consilium.cli.directory.RunFiles;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.directory.RunLog;
import ai.consilium.cli.memory.MemoryReport;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.progress.ProgressLine;
import ai.consilium.cli.progress.Timings;
import ai.consilium.cli.report.ReportJson;
import ai.consilium.cli.rescore.RescoreRun;
import ai.consilium.cli.rescore.RescoredRun;
import ai.consilium.cli.rescore.Rescoring;
import ai.consilium.cli.run.CaseContent;
import ai.consilium.cli.run.Checkpointing;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.EditionsOfRun;
import ai.consilium.cli.run.HostSettings;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.cli.run.ServiceGroup;
import ai.consilium.cli.train.Conclusion;
import ai.consilium.learner.LearnerService;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.monitor.MonitorService;
import ai.consilium.platform.AtomicFile;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.runlog.PublishedVersions;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunManifest;
import ai.consilium.tracking.TrackingService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;

/**
 * A new run whose learners are fed with what another run sampled, scored again: in a directory and on a log of its own. First
 * {@link #take} while the other log is open, then {@link #train}.
 */
public final class RecordedTraining implements AutoCloseable {
    private static final int INTERRUPTED = 130;
    private static final String INSTANCE = "rescored";

    private final ConfigOptions.Loaded loaded;
    private final ConsiliumConfig config;
    private final Path base;
    private final RunDirectory directory;
    private final RunLog log;
    private final DataSet data;
    private final Cluster cluster;
    private final Timings timings = new Timings();

    /**
     * What was taken over.
     *
     * @param recorded the other run
     * @param settings of the new one
     */
    private record Taken(
            RecordedRun recorded,
            RunSettings settings,
            KafkaClients kafka,
            RescoredLog log,
            RescoredLog.Written written) {}

    private Optional<Taken> taken = Optional.empty();

    private RecordedTraining(
            ConfigOptions.Loaded loaded, Path base, RunDirectory directory, RunLog log, DataSet data, Cluster cluster) {
        this.loaded = loaded;
        this.config = loaded.config();
        this.base = base;
        this.directory = directory;
        this.log = log;
        this.data = data;
        this.cluster = cluster;
    }

    /**
     * Begins a run.
     *
     * @param loaded configuration of the other run with what is different, without a cluster: the new run has its own log
     * @param base directory that files named in it are relative to
     * @param directory of the new run; one that holds a run already is refused
     * @throws UsageException when the run cannot be trained from
     */
    public static RecordedTraining begin(ConfigOptions.Loaded loaded, Path base, Path directory) {
        ConsiliumConfig config = loaded.config();
        if (config.rounds() != 1) {
            throw new UsageException("--train: the run has " + config.rounds()
                    + " rounds, whose later experts start from an agent; only a run of one round can be trained from");
        }
        PreflightChecks checks = new PreflightChecks(config);
        checks.model();
        checks.memory("rescore", MemoryReport.ALL);
        RunDirectory opened = RunDirectory.open(directory, RunDirectory.Opening.FRESH);
        RunLog log = new RunLog(directory);
        try {
            RunId.keep(directory, RunId.plain(directory));
            ConfigBase.keep(directory, base);
            DataSet data = config.simulated() ? DataSet.simulate(opened.data(), config) : checks.cases();
            return new RecordedTraining(
                    loaded, base, opened, log, data, Cluster.embedded(config, opened.kafka(), directory));
        } catch (RuntimeException e) {
            log.close();
            opened.close();
            throw e;
        }
    }

    /**
     * Scores the other run again and writes what comes of it to the new log.
     *
     * @param other its log
     * @return how the advantages change; where the run's own configuration does not give what is recorded, nothing is taken
     */
    public Rescoring take(KafkaClients other, RescoreRun.Setting setting) {
        timings.begin(RescoredLog.ROLE);
        RescoredRun rescored = RescoreRun.groups(other, setting);
        if (rescored.rescoring().failed()) {
            return rescored.rescoring();
        }
        RecordedRun recorded = RecordedRun.read(other, config.specialties());
        RunSettings own = HostSettings.of(Role.SCHEDULER, config, data.library(), base);
        // The run may have begun with less of its file than there is by now.
        SortedMap<String, String> values =
                ManifestLog.newest(other).map(own::valuesFor).orElse(own.values());
        RunSettings settings =
                new RunSettings(own.version(), own.policies(), recorded.settings(values), own.revisable());
        KafkaClients kafka = cluster.clients(config, runId());
        TopicCatalogue.create(kafka, settings.policies());
        String writer = RescoredLog.ROLE + "/" + INSTANCE;
        RunManifest manifest = settings.revise(Optional.empty(), runId(), writer, System.currentTimeMillis())
                .orElseThrow();
        RescoredLog into = new RescoredLog(other, kafka, rescored, settings.policies(), writer);
        RescoredLog.Written written = into.write(manifest);
        try {
            AtomicFile.write(directory.root().resolve(RunFiles.RECORDED), ReportJson.write(recorded.name()) + "\n");
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        // Last: with it the directory holds a run.
        AtomicFile.write(directory.root().resolve(RunFiles.CONFIG), loaded.yaml());
        taken = Optional.of(new Taken(recorded, settings, kafka, into, written));
        return rescored.rescoring();
    }

    private String runId() {
        return RunId.plain(directory.root());
    }

    /**
     * Trains the experts on what was taken, and ends as a run of {@code train} does.
     *
     * @return exit code
     */
    public int train(PrintWriter out, PrintWriter err) throws IOException, InterruptedException {
        Taken from = taken.orElseThrow(() -> new IllegalStateException("nothing was taken yet"));
        timings.begin("load");
        try (Interruption interruption = new Interruption();
                ModelRuntime runtime = ModelRuntime.load(config, data.library(), base, MemoryReport.ALL)) {
            timings.begin(Phases.REINFORCEMENT);
            if (!learn(from, runtime, interruption, err)) {
                err.println(
                        "consilium: interrupted; what was trained is not continued: begin again with another --train");
                err.flush();
                return INTERRUPTED;
            }
            Set<String> trained = PublishedVersions.read(from.kafka()).rl().keySet();
            for (String specialty : config.specialties()) {
                if (!trained.contains(specialty)) {
                    err.println("consilium: the recorded groups of " + specialty
                            + " make no step: too few have signal, or they were sampled too many versions ago");
                    err.flush();
                    return 1;
                }
            }
            new Conclusion(config, base, directory.root(), timings, out, err)
                    .ofExperts(from.kafka(), from.settings().policies(), runtime, data);
            return 0;
        }
    }

    /** @return false when interrupted */
    private boolean learn(Taken from, ModelRuntime runtime, Interruption interruption, PrintWriter err)
            throws InterruptedException {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        RunContext context = new RunContext(runId(), INSTANCE, from.settings(), from.kafka(), metrics);
        Path root = directory.root();
        try (ServiceGroup services = new ServiceGroup(config, context, metrics, RescoredLog.ROLE, root)) {
            MonitorService monitor = new MonitorService(
                    context, config.monitor(), CaseContent.inputs(config, base, data::library, root, true));
            services.start(monitor);
            TrackingService tracking = new TrackingService(
                    context, config.tracking(), root, "kafka://embedded", Map.of(), System.getenv());
            services.start(tracking);
            announce(from, monitor, err);
            DataSet.tell(services.events(), data.root(), data.simulated());
            LearnerService learner = new LearnerService(
                    context,
                    config.specialties(),
                    config.learner(),
                    new LearnerTask(
                            config.plan(),
                            config.merger().consolidate(),
                            ValidationPlan.NONE,
                            1,
                            false,
                            config.scheduler().sampling().maxCompletionTokens()),
                    runtime.learnerInputs(
                                    config,
                                    data.library().ofRun(new EditionsOfRun(from.kafka(), from.settings())),
                                    Checkpointing.inDirectory(root))
                            .trainedOn(
                                    from.recorded().samples(), from.recorded().starts()));
            services.start(learner);
            ProgressLine progress = new ProgressLine(err, ProgressLine.watched());
            while (!learner.finished() && !interruption.asked()) {
                services.requireHealthy();
                progress.show(monitor.snapshot(), timings.total());
                Thread.sleep(100);
            }
            progress.end();
            services.requireHealthy();
            if (interruption.asked()) {
                return false;
            }
            int unused = from.log().endUnused();
            services.events()
                    .emit(
                            EventKind.FINISHED,
                            "the experts are trained on what was recorded; %d groups unused".formatted(unused));
            tracking.complete();
            return true;
        }
    }

    private void announce(Taken from, MonitorService monitor, PrintWriter err) {
        err.println("run directory  " + directory.root());
        err.println("live page      " + monitor.announcement());
        err.println("trained on     %d groups of run %s, of which it had filtered %d; %d more are filtered"
                .formatted(
                        from.written().groups(),
                        from.recorded().name().run(),
                        from.written().newly(),
                        from.written().filtered()));
        err.flush();
    }

    @Override
    public void close() {
        cluster.close();
        log.close();
        directory.close();
    }
}
