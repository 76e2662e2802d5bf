package ai.consilium.cli.run;

import ai.consilium.cli.config.ConsiliumConfig;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Health;
import ai.consilium.platform.service.HealthServer;
import ai.consilium.platform.service.HeartbeatWriter;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.StallWatch;
import ai.consilium.schemas.EventKind;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * The services of one process while they run: started in the order given, watched, closed in reverse.
 */
public final class ServiceGroup implements AutoCloseable {
    private final RunContext context;
    private final String role;
    private final Path directory;
    private final Health health;
    private final RunEvents events;
    private final StallWatch stalls;
    private final Optional<HealthServer> server;
    private final Deque<Service> running = new ArrayDeque<>();
    private Optional<HeartbeatWriter> heartbeat = Optional.empty();

    /** Opens the health endpoints. @param directory that the process writes to */
    public ServiceGroup(
            ConsiliumConfig config, RunContext context, PrometheusMeterRegistry metrics, String role, Path directory) {
        this.context = context;
        this.role = role;
        this.directory = directory;
        this.health = new Health(metrics);
        new JvmMemoryMetrics().bindTo(metrics);
        new ProcessorMetrics().bindTo(metrics);
        this.events = new RunEvents(context, role);
        this.server = HealthServer.start(config.health(), health, metrics);
        this.stalls = StallWatch.start(health, config.health(), events, metrics);
    }

    /** From now on the log hears how the process fares; its topics must be there. */
    public void beat() {
        heartbeat = Optional.of(HeartbeatWriter.start(context, role, health, directory));
    }

    /** Starts a service and watches it. */
    public void start(Service service) {
        running.push(service);
        health.watch(service);
        service.start();
    }

    /** Where /metrics, /livez and /readyz are. */
    public Optional<String> healthUrl() {
        return server.map(HealthServer::url);
    }

    /** Events under the process's own name. */
    public RunEvents events() {
        return events;
    }

    /**
     * Refuses to go on where something is wrong.
     *
     * @throws IllegalStateException naming the thread that failed and why
     * @throws ai.consilium.platform.UsageException when a thread ended by one, or this host's clock is far off
     */
    public void requireHealthy() {
        heartbeat.ifPresent(HeartbeatWriter::requireClock);
        for (Service service : running) {
            for (ServiceThread thread : service.threads()) {
                Optional<Throwable> failure = thread.failure();
                if (failure.isPresent()) {
                    Throwable cause = failure.get();
                    if (cause instanceof ai.consilium.platform.UsageException usage) {
                        throw usage;
                    }
                    throw new IllegalStateException(
                            service.role() + ": " + thread.name() + " failed: " + cause.getMessage(), cause);
                }
            }
        }
    }

    /** Whether a service's part of the run is over. */
    public static boolean over(List<Service> services) {
        return services.stream().allMatch(Service::finished);
    }

    @Override
    public void close() {
        stalls.close();
        heartbeat.ifPresent(HeartbeatWriter::close);
        while (!running.isEmpty()) {
            running.pop().close();
        }
        events.emit(EventKind.STOPPED, "process stopped");
        server.ifPresent(HealthServer::close);
        events.close();
    }
}
