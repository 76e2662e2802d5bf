package ai.consilium.cli.command;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cli.config.ConfigOptions;
import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.cli.run.Cluster;
import ai.consilium.cli.run.DataSet;
import ai.consilium.cli.run.Interruption;
import ai.consilium.cli.run.ModelRuntime;
import ai.consilium.cli.run.PreflightChecks;
import ai.consilium.cli.run.RoleFactory;
import ai.consilium.cli.run.RoleFactory.Role;
import ai.consilium.cli.run.RunEnd;
import ai.consilium.cli.run.RunId;
import ai.consilium.cli.run.RunLog;
import ai.consilium.cli.run.ServiceGroup;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.TopicCatalogue;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunDirectory;
import ai.consilium.platform.service.Service;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code consilium run ROLE}: one role in a process of its own, against any cluster; or the embedded cluster alone. */
@Command(
        name = "run",
        description = {
            "Runs one role against a cluster: scheduler, rollout, reward, advantage, learner, merger or monitor.",
            "Needs kafka.bootstrap.servers, schema_registry.url, run_id and data_root, the same for every role.",
            "'dev-cluster' runs the embedded broker and registry in a separate process."
        },
        mixinStandardHelpOptions = true)
public final class RunCommand implements Callable<Integer> {
    private static final String DEV_CLUSTER = "dev-cluster";

    @Spec
    private CommandSpec spec;

    /** What may stand for ROLE, for completion by the shell. */
    static final class RoleNames extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        RoleNames() {
            super(Role.labels());
            add(DEV_CLUSTER);
        }
    }

    @Parameters(paramLabel = "ROLE", description = "A role, or dev-cluster.", completionCandidates = RoleNames.class)
    private String role = "";

    @Mixin
    private ConfigOptions options;

    @Mixin
    private RunOptions runOptions = new RunOptions();

    @Override
    public Integer call() throws Exception {
        Optional<Role> known = known();
        ConfigOptions.Loaded loaded = options.load();
        PrintWriter out = spec.commandLine().getOut();
        if (runOptions.dryRun()) {
            out.print(loaded.yaml());
            out.flush();
            return 0;
        }
        return known.isPresent() ? role(known.get(), loaded.config()) : devCluster(loaded.config(), out);
    }

    /** Empty for dev-cluster. */
    private Optional<Role> known() {
        if (role.equals(DEV_CLUSTER)) {
            return Optional.empty();
        }
        return Optional.of(Arrays.stream(Role.values())
                .filter(r -> r.label().equals(role))
                .findFirst()
                .orElseThrow(() -> new UsageException(
                        "ROLE: '" + role + "' is not one of " + String.join(", ", new RoleNames()))));
    }

    @SuppressWarnings("try") // the log is written to by others while it is open
    private int devCluster(ConsiliumConfig config, PrintWriter out) throws InterruptedException {
        new PreflightChecks(config).portsOfCluster();
        Path directory = runOptions.path();
        try (Interruption interruption = new Interruption();
                RunDirectory run = RunDirectory.open(directory, opening(directory));
                RunLog log = new RunLog(directory);
                Cluster cluster = Cluster.embedded(config, run.kafka(), directory)) {
            out.println("kafka.bootstrap.servers=" + cluster.bootstrapServers());
            out.println("schema_registry.url=" + cluster.registryUrl());
            out.flush();
            while (!interruption.asked()) {
                Thread.sleep(200);
            }
            return 0;
        }
    }

    @SuppressWarnings("try") // the log is written to by others while it is open
    private int role(Role known, ConsiliumConfig config) throws InterruptedException {
        if (config.runId().isBlank()) {
            throw new UsageException("run_id is not set: the roles of a run find each other by it");
        }
        if (known.needsCases() && config.simulated()) {
            throw new UsageException(
                    "data_root is not set: a role reads cases from a directory (consilium cases simulate creates one)");
        }
        PreflightChecks premises = new PreflightChecks(config);
        premises.portsOf(known);
        if (known.loadsModel()) {
            premises.model();
        }
        if (known == Role.SCHEDULER) {
            premises.scoring(options.base());
        }
        CaseLibrary cases =
                known.needsCases() ? premises.cases().library() : new CaseLibrary(Path.of(config.dataRoot()));
        Cluster cluster = Cluster.configured(config);
        KafkaClients kafka = cluster.clients(config, config.runId());
        Path directory = runOptions.path();
        try (Interruption interruption = new Interruption();
                RunDirectory run = RunDirectory.open(directory, opening(directory));
                RunLog log = new RunLog(directory)) {
            TopicCatalogue.create(kafka, config.specialties());
            return serve(known, config, kafka, cases, run.root(), interruption);
        }
    }

    /** With --resume a role goes on where it was before, or begins: who restarts roles need not know which. */
    private RunDirectory.Opening opening(Path directory) {
        RunDirectory.Opening asked = runOptions.opening();
        return asked == RunDirectory.Opening.RESUME && isNew(directory) ? RunDirectory.Opening.FRESH : asked;
    }

    /** Absent, or empty as a volume is that was mounted just now. */
    private static boolean isNew(Path directory) {
        try (Stream<Path> inside = Files.list(directory)) {
            return inside.findAny().isEmpty();
        } catch (NoSuchFileException e) {
            return true;
        } catch (IOException e) {
            throw new UsageException("--run-dir: " + directory + " cannot be read: " + e.getMessage(), e);
        }
    }

    private int serve(
            Role known,
            ConsiliumConfig config,
            KafkaClients kafka,
            CaseLibrary cases,
            Path directory,
            Interruption interruption)
            throws InterruptedException {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        // The same after a restart: Streams takes it for the same member and does not rebalance.
        String instance =
                known.label() + "-" + (config.instance().isEmpty() ? RunId.plain(directory) : config.instance());
        RunContext context = new RunContext(config.runId(), instance, config.specialties(), kafka, metrics);
        LazyTensors tensors = new LazyTensors(config, cases);
        try (tensors;
                ServiceGroup session = new ServiceGroup(config, context, metrics, known.label());
                RunEnd end = new RunEnd(context)) {
            RoleFactory roles = new RoleFactory(config, context, cases, directory, options.base(), tensors);
            Service service = roles.build(known);
            session.start(service);
            announce(service, session);
            if (known == Role.SCHEDULER) {
                // It alone begins a run, and there is one of it.
                DataSet.tell(
                        session.events(),
                        Path.of(config.dataRoot()),
                        DataSet.fromClinic(cases.file(ConsiliumConfig.TRAIN_FILE)));
            }
            while (!interruption.asked() && !over(known, service, end)) {
                session.requireHealthy();
                Thread.sleep(100);
            }
            session.requireHealthy();
            return interruption.asked() ? 130 : 0;
        }
    }

    /**
     * The merger may say that the run is over before the scheduler has ended its open groups: who knows its own end is
     * left to reach it.
     */
    private static boolean over(Role role, Service service, RunEnd end) {
        return service.finished() || (end.reached() && !role.endsByItself());
    }

    private void announce(Service service, ServiceGroup session) {
        PrintWriter err = spec.commandLine().getErr();
        List<String> lines = new ArrayList<>();
        lines.add("role           " + service.role());
        if (service instanceof ai.consilium.monitor.MonitorService monitor) {
            lines.add("live page      " + monitor.address());
        }
        session.healthUrl().ifPresent(url -> lines.add("metrics        " + url + "/metrics"));
        lines.forEach(err::println);
        err.flush();
    }

    /** The model side, loaded when the role first asks for it. */
    private static final class LazyTensors implements java.util.function.Supplier<ModelRuntime>, AutoCloseable {
        private final ConsiliumConfig config;
        private final CaseLibrary cases;
        private @Nullable ModelRuntime loaded;

        LazyTensors(ConsiliumConfig config, CaseLibrary cases) {
            this.config = config;
            this.cases = cases;
        }

        @Override
        public ModelRuntime get() {
            if (loaded == null) {
                loaded = ModelRuntime.load(config, cases);
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
