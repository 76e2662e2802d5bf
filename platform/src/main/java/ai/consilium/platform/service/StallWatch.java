package ai.consilium.platform.service;

import ai.consilium.platform.run.RunEvents;
import ai.consilium.schemas.EventKind;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Notices threads that make no progress although nothing says that they may rest, and tells of each stall once: a thread
 * that beats again may stall again.
 */
public final class StallWatch implements AutoCloseable {
    /**
     * A thread that has been quiet for too long.
     *
     * @param waiting whether it said that it waits
     * @param cause what for
     */
    public record Stall(String role, String thread, Duration quiet, boolean waiting, String cause) {
        /** One of two: the cause itself has numbers in it, and would be a new series each time. */
        String state() {
            return waiting ? WAITING : BUSY;
        }
    }

    private static final String WAITING = "waiting";
    private static final String BUSY = "busy";

    private static final Duration INTERVAL = Duration.ofSeconds(1);
    private static final double MS_PER_SECOND = 1000.0;

    private final Health health;
    private final Duration limit;
    private final Consumer<Stall> listener;
    private final Set<ServiceThread> stalled = new HashSet<>();
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "stall-watch");
        thread.setDaemon(true);
        return thread;
    });

    StallWatch(Health health, Duration limit, Consumer<Stall> listener) {
        this.health = health;
        this.limit = limit;
        this.listener = listener;
    }

    /** Looks every second; a stall becomes an event and counts in {@link MetricNames#STALLS}. */
    public static StallWatch start(Health health, HealthConfig config, RunEvents events, MeterRegistry metrics) {
        StallWatch watch = new StallWatch(health, config.stallAfter(), stall -> report(stall, events, metrics));
        var unused = watch.clock.scheduleWithFixedDelay(
                watch::look, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return watch;
    }

    /** Counts a thread's stalls from 0 on. */
    static void register(MeterRegistry metrics, String role, String thread) {
        List.of(WAITING, BUSY)
                .forEach(state -> metrics.counter(MetricNames.STALLS, "role", role, "thread", thread, "state", state));
    }

    private static void report(Stall stall, RunEvents events, MeterRegistry metrics) {
        metrics.counter(MetricNames.STALLS, "role", stall.role(), "thread", stall.thread(), "state", stall.state())
                .increment();
        double seconds = stall.quiet().toMillis() / MS_PER_SECOND;
        events.emit(
                EventKind.STALLED,
                String.format("%s has made no progress for %.0f s: %s", stall.thread(), seconds, stall.cause()),
                Map.of("quiet_seconds", seconds),
                Map.of("stalled_role", stall.role(), "thread", stall.thread(), "cause", stall.cause()));
    }

    /** One look at every thread. */
    synchronized void look() {
        for (Service service : health.services()) {
            for (ServiceThread thread : service.threads()) {
                boolean quiet =
                        thread.started() && !thread.ended() && !thread.idle() && thread.quietMs() > limit.toMillis();
                if (!quiet) {
                    stalled.remove(thread);
                } else if (stalled.add(thread)) {
                    listener.accept(stall(service.role(), thread));
                }
            }
        }
    }

    private static Stall stall(String role, ServiceThread thread) {
        String waitingFor = thread.waitingFor();
        boolean waiting = !waitingFor.isEmpty();
        String cause = waiting ? "waiting for " + waitingFor : "busy with one long operation";
        return new Stall(role, thread.name(), Duration.ofMillis(thread.quietMs()), waiting, cause);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
