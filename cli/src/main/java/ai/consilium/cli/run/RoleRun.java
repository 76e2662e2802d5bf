package ai.consilium.cli.run;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseException;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.config.LocalFiles;
import ai.consilium.cli.directory.RunId;
import ai.consilium.cli.directory.RunLog;
import ai.consilium.cli.memory.RoleMemory.Work;
import ai.consilium.cli.progress.Interruption;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.fetch.SourceAddress;
import ai.consilium.monitor.MonitorService;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.manifest.ControlWatch;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.CaseEdition;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.run.RunSettings;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.transaction.HangingTransactions;
import ai.consilium.runlog.RunEnd;
import ai.consilium.schemas.RunManifest;
import ai.consilium.tracking.TrackingService;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One role in a process of its own, from the first check to its end. */
public final class RoleRun {
    private static final int INTERRUPTED = 130;

    private final Role role;
    private final ConsiliumConfig config;
    private final Path configBase;
    private final Path directory;
    private final PrintWriter err;

    /**
     * Of a configuration.
     *
     * @param configBase directory that files named in it are relative to
     * @param directory of the role's run
     */
    public RoleRun(Role role, ConsiliumConfig config, Path configBase, Path directory, PrintWriter err) {
        this.role = role;
        this.config = config;
        this.configBase = configBase;
        this.directory = directory;
        this.err = err;
    }

    /**
     * Runs. What can be refused is refused before the run directory exists.
     *
     * @return exit code
     */
    @SuppressWarnings("try") // the log is written to by others while it is open
    public int run(RunDirectory.Opening opening) throws InterruptedException {
        CaseLibrary cases = refuseEarly();
        RunSettings settings = HostSettings.of(role, config, cases, configBase);
        Tracing tracing = Tracing.of(
                config,
                Cluster.configured(config).clients(config, config.runId()),
                config.runId(),
                role.label(),
                instance());
        KafkaClients kafka = tracing.kafka();
        HangingTransactions.end(kafka);
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        RunContext context = new RunContext(config.runId(), instance(), settings, kafka, metrics);
        Joining joining =
                new Joining(context, role, new AddedSpecialties(config, settings, context.writer(role.label()), err));
        joining.refuseEarly();
        CaseLibrary ofRun = cases.ofRun(new EditionsOfRun(kafka, settings));
        try (tracing;
                Interruption interruption = new Interruption();
                RunDirectory run = RunDirectory.open(directory, opening);
                RunLog log = new RunLog(directory);
                LazyRuntime runtime = new LazyRuntime(config, ofRun, configBase, role.work());
                ServiceGroup services = new ServiceGroup(config, context, metrics, role.label(), directory)) {
            Optional<RunManifest> manifest = joining.await(services, interruption, err);
            if (interruption.asked()) {
                return INTERRUPTED;
            }
            RunContext joined = manifest.map(context::under).orElse(context);
            TopicCatalogue.create(kafka, joined.policies());
            return serve(joined, ofRun, runtime, services, interruption);
        }
    }

    /** @return the data root's cases, read whole where the role needs them */
    private CaseLibrary refuseEarly() {
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: the roles of a run find each other by it");
        }
        if (role.needsCases() && config.simulated()) {
            throw new UsageException(
                    "data_root is not set: a role reads cases from a directory (consilium cases simulate makes one)");
        }
        PreflightChecks checks = new PreflightChecks(config);
        checks.portsOf(role);
        if (role.loadsModel()) {
            checks.model();
            checks.memory("run " + role.label(), role.work());
        }
        if (role == Role.LEARNER) {
            Checkpointing.requireUsable(config, configBase);
        }
        if (role == Role.SCHEDULER) {
            checks.scoring(configBase);
        }
        if (role == Role.MERGER) {
            config.tracking().requireTokens(System.getenv());
        }
        if (role.needsCases()) {
            return cases(checks).library();
        }
        if (role == Role.MONITOR && SourceAddress.meantBy(config.model())) {
            // Whoever looks at the first sample shall not wait for it.
            checks.modelDirectory();
        }
        // The stream reads no case; what it would have to fetch is not fetched.
        boolean elsewhere = role == Role.ADVANTAGE && SourceAddress.meantBy(config.dataRoot());
        return new CaseLibrary(elsewhere ? Path.of("") : LocalFiles.cases(config));
    }

    /** A line that cannot be used is passed over where it was added to what the run has; the scheduler says so. */
    private DataSet cases(PreflightChecks checks) {
        DataSet data = checks.casesOfRun();
        Optional<CaseException> refused = data.refusedLine();
        if (refused.isPresent()) {
            UsageException unusable = checks.unusable(refused.get());
            if (!hasEditionOfRun(data)) {
                throw unusable;
            }
            err.println("cases          as the run has them; " + unusable.getMessage());
            err.flush();
        }
        return data;
    }

    private boolean hasEditionOfRun(DataSet data) {
        try {
            return ManifestLog.newest(Cluster.configured(config).clients(config, config.runId()))
                    .flatMap(CaseEdition::of)
                    .flatMap(edition -> data.library().edition(CaseLibrary.TRAINING_FILE, edition.sha256()))
                    .isPresent();
        } catch (RuntimeException unreachable) {
            return false;
        }
    }

    /** The same after a restart: Streams takes it for the same member and does not rebalance. */
    private String instance() {
        return role.label() + "-" + (config.instance().isEmpty() ? RunId.plain(directory) : config.instance());
    }

    private int serve(
            RunContext context,
            CaseLibrary cases,
            LazyRuntime runtime,
            ServiceGroup services,
            Interruption interruption)
            throws InterruptedException {
        try (RunEnd end = new RunEnd(context.kafka())) {
            ControlWatch control = new ControlWatch(context.kafka(), role.label());
            services.start(control);
            awaitGo(control, services, interruption);
            if (interruption.asked()) {
                return INTERRUPTED;
            }
            RoleFactory roles = new RoleFactory(config, context, cases, directory, configBase, runtime);
            // A run has one merger, which ends with it.
            Optional<TrackingService> tracking = role == Role.MERGER ? Optional.of(roles.tracking()) : Optional.empty();
            tracking.ifPresent(services::start);
            Service service = roles.build(role);
            services.start(service);
            announce(service, services);
            if (role == Role.SCHEDULER) {
                // It alone begins a run, and there is one of it.
                DataSet.tell(
                        services.events(),
                        LocalFiles.cases(config),
                        DataSet.fromClinic(cases.usable(CaseLibrary.TRAINING_FILE)));
            }
            while (!interruption.asked() && !control.stopped() && !over(service, end)) {
                services.requireHealthy();
                Thread.sleep(100);
            }
            services.requireHealthy();
            if (control.stopped() && !over(service, end)) {
                err.println("stopped        the run was told to; consilium control go, and start this role again");
                err.flush();
                return 0;
            }
            if (interruption.asked()) {
                return INTERRUPTED;
            }
            if (tracking.isPresent()) {
                tracking.get().complete();
            }
            return 0;
        }
    }

    /** Nobody starts a run again that was stopped but who stopped it. */
    private void awaitGo(ControlWatch control, ServiceGroup services, Interruption interruption)
            throws InterruptedException {
        if (control.stopped()) {
            err.println("waiting        for consilium control go: the run is stopped");
            err.flush();
        }
        while (control.stopped() && !interruption.asked()) {
            services.requireHealthy();
            Thread.sleep(100);
        }
    }

    /**
     * The merger may say that the run is over before the scheduler has ended its open groups: who knows its own end is
     * left to reach it.
     */
    private boolean over(Service service, RunEnd end) {
        return service.finished() || (end.reached() && !role.endsByItself());
    }

    private void announce(Service service, ServiceGroup services) {
        err.println("role           " + service.role());
        if (service instanceof MonitorService monitor) {
            err.println("live page      " + monitor.announcement());
        }
        services.healthUrl().ifPresent(url -> err.println("metrics        " + url + "/metrics"));
        err.flush();
    }

    /** The model side, loaded when the role first asks for it. */
    private static final class LazyRuntime implements Supplier<ModelRuntime>, AutoCloseable {
        private final ConsiliumConfig config;
        private final CaseLibrary cases;
        private final Path base;
        private final Set<Work> works;
        private @Nullable ModelRuntime loaded;

        LazyRuntime(ConsiliumConfig config, CaseLibrary cases, Path base, Set<Work> works) {
            this.config = config;
            this.cases = cases;
            this.base = base;
            this.works = works;
        }

        @Override
        public ModelRuntime get() {
            if (loaded == null) {
                loaded = ModelRuntime.load(config, cases, base, works);
            }
            return loaded;
        }

        @Override
        public void close() {
            if (loaded != null) {
                loaded.close();
            }
        }
    }
}
