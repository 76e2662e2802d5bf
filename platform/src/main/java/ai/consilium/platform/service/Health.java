package ai.consilium.platform.service;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** How the services of this process fare, told from their threads. Thread-safe. */
public final class Health {
    private static final double MS_PER_SECOND = 1000.0;

    private final MeterRegistry metrics;
    private final List<Service> services = new CopyOnWriteArrayList<>();
    private final Set<ServiceThread> metered = ConcurrentHashMap.newKeySet();
    private final ObjectMapper json = new ObjectMapper();

    /** Of no service yet. */
    public Health(MeterRegistry metrics) {
        this.metrics = metrics;
    }

    /** Takes a service into account. */
    public void watch(Service service) {
        services.add(service);
    }

    /** The services, in the order in which they came. */
    public List<Service> services() {
        return List.copyOf(services);
    }

    /** No thread has failed. */
    public boolean live() {
        return threads().stream().allMatch(thread -> thread.failure().isEmpty());
    }

    /** Services are there and every thread of theirs has been started. */
    public boolean ready() {
        List<ServiceThread> threads = threads();
        return !threads.isEmpty() && threads.stream().allMatch(ServiceThread::started);
    }

    private List<ServiceThread> threads() {
        return services.stream().flatMap(service -> service.threads().stream()).toList();
    }

    /** {@code {"live", "ready", "threads": [{"role", "thread", "state", "quiet_ms", "waiting_for", "idle", "failure"}]}}. */
    public String toJson() {
        ObjectNode root = json.createObjectNode().put("live", live()).put("ready", ready());
        ArrayNode threads = root.putArray("threads");
        for (Service service : services) {
            for (ServiceThread thread : service.threads()) {
                ObjectNode entry = threads.addObject()
                        .put("role", service.role())
                        .put("thread", thread.name())
                        .put("state", thread.state())
                        .put("quiet_ms", thread.quietMs())
                        .put("waiting_for", thread.waitingFor())
                        .put("idle", thread.idle());
                thread.failure().ifPresent(failure -> entry.put("failure", failure.toString()));
            }
        }
        return root.toString();
    }

    /** Gives each thread its gauges; a service may add threads after it was watched. */
    void meterThreads() {
        for (Service service : services) {
            for (ServiceThread thread : service.threads()) {
                if (metered.add(thread)) {
                    meter(service.role(), thread);
                }
            }
        }
    }

    private void meter(String role, ServiceThread thread) {
        Gauge.builder(MetricNames.THREAD_QUIET_SECONDS, thread, it -> it.ended() ? 0 : it.quietMs() / MS_PER_SECOND)
                .description("Seconds since the thread last made progress")
                .tag("role", role)
                .tag("thread", thread.name())
                .register(metrics);
        StallWatch.register(metrics, role, thread.name());
        Gauge.builder(MetricNames.THREAD_LIVE, thread, it -> it.failure().isEmpty() ? 1 : 0)
                .description("1 while the thread has not failed")
                .tag("role", role)
                .tag("thread", thread.name())
                .register(metrics);
    }
}
