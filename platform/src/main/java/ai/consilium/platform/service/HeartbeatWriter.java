package ai.consilium.platform.service;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.DiskBeat;
import ai.consilium.schemas.Heartbeat;
import ai.consilium.schemas.ImpedimentBeat;
import ai.consilium.schemas.ThreadBeat;
import ai.consilium.schemas.Topics;
import io.micrometer.core.instrument.Gauge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.InterruptException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the log every two seconds how the threads of this process fare, what keeps its services, and how much room is left
 * where it writes. One that cannot be written is not missed by anything but a watchdog. What comes back with one that could is the time
 * by the broker's clock: a process whose own is far off does no work.
 */
public final class HeartbeatWriter implements AutoCloseable {
    /** Where a process writes; label and value of {@link MetricNames#DISK_FREE_BYTES}. */
    public static final String RUN_DIRECTORY = "run directory";

    private static final Logger LOG = LoggerFactory.getLogger(HeartbeatWriter.class);
    private static final Duration INTERVAL = Duration.ofSeconds(2);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);
    private static final int LONGEST_TEXT = 500;

    private final RunContext context;
    private final String role;
    private final Health health;
    private final Path directory;
    private final Producer<String, SpecificRecord> producer;
    private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });

    private volatile ClockOffset offset = ClockOffset.NONE;

    private HeartbeatWriter(RunContext context, String role, Health health, Path directory) {
        this.context = context;
        this.role = role;
        this.health = health;
        this.directory = directory;
        this.producer = context.kafka()
                .producer(
                        "heartbeat-" + context.instance(),
                        // What is late is superseded.
                        Map.of(
                                "max.block.ms",
                                LONGEST_WAIT.toMillis(),
                                "request.timeout.ms",
                                2_000,
                                "delivery.timeout.ms",
                                6_000));
    }

    /**
     * Starts to write, and waits for the first to be acknowledged if the broker is there.
     *
     * @param role of the process
     * @param directory that it writes to
     * @throws UsageException when this host's clock is far off
     */
    public static HeartbeatWriter start(RunContext context, String role, Health health, Path directory) {
        HeartbeatWriter writer = new HeartbeatWriter(context, role, health, directory);
        Gauge.builder(MetricNames.DISK_FREE_BYTES, directory, HeartbeatWriter::free)
                .description("Room that is left where the process writes")
                .tag("place", RUN_DIRECTORY)
                .strongReference(true)
                .register(context.metrics());
        awaitAcknowledged(writer.beat());
        try {
            writer.requireClock();
        } catch (UsageException refused) {
            writer.close();
            throw refused;
        }
        var unused = writer.clock.scheduleWithFixedDelay(
                writer::beat, INTERVAL.toMillis(), INTERVAL.toMillis(), TimeUnit.MILLISECONDS);
        return writer;
    }

    private static void awaitAcknowledged(Future<?> first) {
        try {
            first.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            unwritten(e);
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }

    /** @throws UsageException when by the newest heartbeat this host's clock is far off */
    public void requireClock() {
        offset.require();
    }

    private static double free(Path directory) {
        try {
            return Files.getFileStore(directory).getUsableSpace();
        } catch (IOException unknown) {
            return Double.NaN;
        }
    }

    private Future<?> beat() {
        try {
            Heartbeat heartbeat = heartbeat();
            return producer.send(
                    new ProducerRecord<>(context.kafka().topic(Topics.HEARTBEATS), context.instance(), heartbeat),
                    (metadata, problem) -> {
                        if (problem != null) {
                            unwritten(problem);
                        } else {
                            offset = new ClockOffset(
                                    heartbeat.getCreatedMs(), metadata.timestamp(), System.currentTimeMillis());
                        }
                    });
        } catch (RuntimeException e) {
            unwritten(e);
            return CompletableFuture.completedFuture(null);
        }
    }

    private static void unwritten(Exception problem) {
        LOG.atDebug()
                .addKeyValue("reason", String.valueOf(problem.getMessage()))
                .log("heartbeat could not be written");
    }

    private Heartbeat heartbeat() {
        List<Service> services = health.services();
        double free = free(directory);
        return Heartbeat.newBuilder()
                .setRunId(context.runId())
                .setRole(role)
                .setInstance(context.instance())
                .setIntervalMs(INTERVAL.toMillis())
                .setThreads(services.stream()
                        .flatMap(service -> service.threads().stream().map(thread -> beat(service.role(), thread)))
                        .toList())
                .setImpediments(services.stream()
                        .flatMap(service -> service.impediments().stream())
                        .map(impediment -> new ImpedimentBeat(
                                impediment.kind().label(), impediment.subject(), cut(impediment.reason())))
                        .toList())
                .setDisks(Double.isNaN(free) ? List.of() : List.of(new DiskBeat(RUN_DIRECTORY, (long) free)))
                .setCreatedMs(System.currentTimeMillis())
                .build();
    }

    private static ThreadBeat beat(String role, ServiceThread thread) {
        ThreadBeat.Builder beat = ThreadBeat.newBuilder()
                .setRole(role)
                .setName(thread.name())
                .setState(thread.state())
                .setQuietMs(thread.quietMs())
                .setIdle(thread.idle())
                .setWaitingFor(cut(thread.waitingFor()));
        thread.failure().ifPresent(failure -> beat.setFailure(cut(String.valueOf(failure.getMessage()))));
        return beat.build();
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_TEXT ? text : text.substring(0, LONGEST_TEXT) + " ...";
    }

    /** Writes the last one, which says which threads had ended by themselves: to be called before the services are closed. */
    @Override
    public void close() {
        clock.shutdown();
        beat();
        producer.close(LONGEST_WAIT);
    }
}
