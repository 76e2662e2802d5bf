package ai.consilium.monitor;

import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.samples.RecordFetcher;
import ai.consilium.monitor.samples.SampleBrowser;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.watchdog.Watchdog;
import ai.consilium.monitor.watchdog.Webhook;
import ai.consilium.monitor.web.AccessGate;
import ai.consilium.monitor.web.DataRoutes;
import ai.consilium.monitor.web.LivePage;
import ai.consilium.monitor.web.PageAssets;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import io.micrometer.core.instrument.Gauge;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The role {@code monitor}: follows a run and serves its live page. */
public final class MonitorService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorService.class);

    private static final Duration WEBHOOK_TIMEOUT = Duration.ofSeconds(10);

    private final MonitorConfig config;
    private final RunState state;
    private final LivePage page;
    /** Empty where nothing may be written: alarms stand on the log. */
    private final Optional<Watchdog> watchdog;

    private final DataRoutes data;
    private final ServiceThread follower;
    private final Optional<ServiceThread> watcher;
    private final ServiceThread refresher;
    private @Nullable LocalHttp server;

    /** A service that has not started. */
    public MonitorService(RunContext context, MonitorConfig config, MonitorInputs inputs) {
        this.config = config;
        this.state = new RunState(context.runId(), context.policies(), inputs.steps());
        state.waiting()
                .forEach((stage, groups) -> Gauge.builder(MetricNames.STAGE_WAITING, groups, IntSupplier::getAsInt)
                        .tag("stage", stage)
                        .strongReference(true)
                        .register(context.metrics()));
        GroupIndex index = new GroupIndex();
        RecordFetcher log = new RecordFetcher(context.kafka());
        this.page = new LivePage(this::snapshot, config.refresh());
        this.watchdog = inputs.observer()
                ? Optional.empty()
                : Optional.of(new Watchdog(
                        context,
                        config.watch(),
                        config.webhookUrl().map(url -> new Webhook(url, context.runId(), WEBHOOK_TIMEOUT))));
        this.data =
                new DataRoutes(state::charts, new SampleBrowser(index, log, inputs.cases()), log, inputs.conflict());
        this.follower = new ServiceThread(
                "monitor", new MonitorLoop(context.kafka(), state, index, watchdog, inputs.observer()));
        this.watcher = watchdog.map(one -> new ServiceThread("monitor-watchdog", one));
        this.refresher = new ServiceThread("monitor-page", page);
    }

    @Override
    public String role() {
        return "monitor";
    }

    /** Starts to follow and to serve. @throws ai.consilium.platform.UsageException when {@code monitor.port} is in use */
    @Override
    public void start() {
        AccessGate gate = AccessGate.of(config.tokenFile());
        server = LocalHttp.start(config.host(), config.port(), "monitor.port", routes -> {
            gate.routes(routes);
            PageAssets.routes(routes);
            page.routes(routes);
            data.routes(routes);
        });
        follower.start();
        watcher.ifPresent(ServiceThread::start);
        refresher.start();
        LOG.atInfo().addKeyValue("address", address()).log("Live page started");
    }

    /** Where the page is, {@code http://host:port}. @throws IllegalStateException before the start */
    public String address() {
        return started().url();
    }

    /** Port of the page. @throws IllegalStateException before the start */
    public int port() {
        return started().port();
    }

    private LocalHttp started() {
        if (server == null) {
            throw new IllegalStateException("the monitor has not started");
        }
        return server;
    }

    /** The address for people, with what they need to open it. */
    public String announcement() {
        return config.announced(address());
    }

    /** The run as it stands now. */
    public RunSnapshot snapshot() {
        return state.at(System.currentTimeMillis())
                .withAlarms(watchdog.map(Watchdog::alarms).orElse(List.of()));
    }

    @Override
    public List<ServiceThread> threads() {
        return Stream.concat(Stream.of(follower, refresher), watcher.stream()).toList();
    }

    @Override
    public void close() {
        watcher.ifPresent(ServiceThread::close);
        follower.close();
        refresher.close();
        page.hangUp();
        if (server != null) {
            server.close();
        }
    }
}
