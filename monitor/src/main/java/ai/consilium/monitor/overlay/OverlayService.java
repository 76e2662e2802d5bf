package ai.consilium.monitor.overlay;

import ai.consilium.monitor.MonitorConfig;
import ai.consilium.monitor.web.AccessGate;
import ai.consilium.monitor.web.LivePage;
import ai.consilium.monitor.web.PageAssets;
import ai.consilium.monitor.web.PageJson;
import ai.consilium.platform.LocalHttp;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Serves the page of several runs. Who reads their logs is its caller's matter. */
public final class OverlayService implements Service {
    private final MonitorConfig config;
    private final List<RunCurves> runs;
    private final List<OverlayData.Setting> settings;
    private final LivePage page;
    private final ServiceThread refresher;
    private @Nullable LocalHttp server;

    /**
     * A service that has not started.
     *
     * @param runs in the order of the page
     * @param settings in which they differ
     */
    public OverlayService(MonitorConfig config, List<RunCurves> runs, List<OverlayData.Setting> settings) {
        this.config = config;
        this.runs = List.copyOf(runs);
        this.settings = List.copyOf(settings);
        this.page = new LivePage(this::picture, config.refresh());
        this.refresher = new ServiceThread("monitor-page", page);
    }

    @Override
    public String role() {
        return "monitor";
    }

    /** Starts to serve. @throws ai.consilium.platform.UsageException when {@code monitor.port} is in use */
    @Override
    public void start() {
        AccessGate gate = AccessGate.of(config.tokenFile());
        server = LocalHttp.start(config.host(), config.port(), "monitor.port", routes -> {
            gate.routes(routes);
            PageAssets.overlay(routes);
            page.routes(routes);
            routes.get(
                    "/api/charts",
                    context -> context.contentType("application/json")
                            .result(PageJson.write(
                                    runs.stream().map(RunCurves::curves).toList())));
        });
        refresher.start();
    }

    /** Where the page is, for people, with what they need to open it. @throws IllegalStateException before the start */
    public String announcement() {
        if (server == null) {
            throw new IllegalStateException("the page is not served yet");
        }
        return config.announced(server.url());
    }

    OverlayData.Picture picture() {
        long now = System.currentTimeMillis();
        List<OverlayData.Run> all = runs.stream().map(run -> run.snapshot(now)).toList();
        return new OverlayData.Picture(
                all, settings, all.stream().mapToLong(OverlayData.Run::charts).sum());
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(refresher);
    }

    @Override
    public void close() {
        refresher.close();
        page.hangUp();
        if (server != null) {
            server.close();
        }
    }
}
