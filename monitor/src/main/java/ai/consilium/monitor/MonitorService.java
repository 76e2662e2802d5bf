package ai.consilium.monitor;

import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.watchdog.Watchdog;
import ai.consilium.monitor.watchdog.Webhook;
import ai.consilium.monitor.web.LivePage;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.time.Duration;
import java.util.List;
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
    private final Watchdog watchdog;
    private final ServiceThread follower;
    private final ServiceThread watcher;
    private final ServiceThread refresher;
    private @Nullable LocalHttp server;

    /**
     * A service that has not started.
     *
     * @param steps updates that each specialty is to reach: what progress and the time left are measured by
     */
    public MonitorService(RunContext context, MonitorConfig config, int steps) {
        this.config = config;
        this.state = new RunState(context.runId(), context.specialties(), steps);
        this.page = new LivePage(this::snapshot, config.refresh());
        this.watchdog = new Watchdog(
                context,
                config.watch(),
                config.webhookUrl().map(url -> new Webhook(url, context.runId(), WEBHOOK_TIMEOUT)));
        this.follower = new ServiceThread("monitor", new MonitorLoop(context.kafka(), state, watchdog));
        this.watcher = new ServiceThread("monitor-watchdog", watchdog);
        this.refresher = new ServiceThread("monitor-page", page);
    }

    @Override
    public String role() {
        return "monitor";
    }

    /** Starts to follow and to serve. @throws ai.consilium.platform.UsageException when {@code monitor.port} is in use */
    @Override
    public void start() {
        server = LocalHttp.start(config.host(), config.port(), "monitor.port", page::routes);
        follower.start();
        watcher.start();
        refresher.start();
        LOG.atInfo().addKeyValue("address", address()).log("Live page started");
    }

    /** Where the page is, {@code http://host:port}. @throws IllegalStateException before the start */
    public String address() {
        if (server == null) {
            throw new IllegalStateException("the monitor has not started");
        }
        return server.url();
    }

    /** The run as it stands now. */
    public RunSnapshot snapshot() {
        return state.at(System.currentTimeMillis()).withAlarms(watchdog.alarms());
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(follower, watcher, refresher);
    }

    @Override
    public void close() {
        watcher.close();
        follower.close();
        refresher.close();
        page.hangUp();
        if (server != null) {
            server.close();
        }
    }
}
