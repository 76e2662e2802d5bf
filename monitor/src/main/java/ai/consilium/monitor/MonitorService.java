package ai.consilium.monitor;

import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.samples.RecordFetcher;
import ai.consilium.monitor.samples.SampleBrowser;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.web.AccessGate;
import ai.consilium.monitor.web.AccessToken;
import ai.consilium.monitor.web.DataRoutes;
import ai.consilium.monitor.web.LivePage;
import ai.consilium.monitor.web.PageAssets;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The role {@code monitor}: follows a run and serves its live page. */
public final class MonitorService implements Service {
    private static final Logger LOG = LoggerFactory.getLogger(MonitorService.class);

    private final MonitorConfig config;
    private final RunState state;
    private final LivePage page;
    private final DataRoutes data;
    private final ServiceThread follower;
    private final ServiceThread refresher;
    private @Nullable LocalHttp server;

    /** A service that has not started. */
    public MonitorService(RunContext context, MonitorConfig config, MonitorInputs inputs) {
        this.config = config;
        this.state = new RunState(context.runId(), context.specialties(), inputs.steps());
        GroupIndex index = new GroupIndex();
        RecordFetcher log = new RecordFetcher(context.kafka());
        this.page = new LivePage(this::snapshot, config.refresh());
        this.data =
                new DataRoutes(state::charts, new SampleBrowser(index, log, inputs.cases()), log, inputs.conflict());
        this.follower = new ServiceThread("monitor", new MonitorLoop(context.kafka(), state, index, inputs.observer()));
        this.refresher = new ServiceThread("monitor-page", page);
    }

    @Override
    public String role() {
        return "monitor";
    }

    /** Starts to follow and to serve. @throws ai.consilium.platform.UsageException when {@code monitor.port} is in use */
    @Override
    public void start() {
        AccessGate gate = new AccessGate(
                config.tokenFile().isBlank()
                        ? Optional.empty()
                        : Optional.of(AccessToken.readOrMake(Path.of(config.tokenFile()))));
        server = LocalHttp.start(config.host(), config.port(), "monitor.port", routes -> {
            gate.routes(routes);
            PageAssets.routes(routes);
            page.routes(routes);
            data.routes(routes);
        });
        follower.start();
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
        return address() + (config.tokenFile().isBlank() ? "" : "  (asks for the token in " + config.tokenFile() + ")");
    }

    /** The run as it stands now. */
    public RunSnapshot snapshot() {
        return state.at(System.currentTimeMillis());
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(follower, refresher);
    }

    @Override
    public void close() {
        follower.close();
        refresher.close();
        page.hangUp();
        if (server != null) {
            server.close();
        }
    }
}
