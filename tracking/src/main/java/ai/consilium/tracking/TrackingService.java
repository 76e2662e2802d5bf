package ai.consilium.tracking;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.tracking.lines.MetricsFile;
import ai.consilium.tracking.remote.Senders;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Writes lineage files, metrics and trackers' files into the run directory. It runs beside the merger, of which a run has one, and
 * takes nothing with it when it cannot write.
 */
public final class TrackingService implements Service {
    private static final String ROLE = "tracking";
    private static final Duration LAST = Duration.ofSeconds(60);

    private final TrackingLoop loop;
    private final Senders senders;
    private final List<ServiceThread> threads = new ArrayList<>();

    /**
     * Of a run.
     *
     * @param directory of the run
     * @param namespace of topics in OpenLineage events, {@code kafka://host:port}
     * @param examined questions of an examination, by specialty; empty without examinations
     * @param environment where tokens stand
     * @throws ai.consilium.platform.UsageException naming a variable that is not set
     */
    public TrackingService(
            RunContext context,
            TrackingConfig config,
            Path directory,
            String namespace,
            Map<String, Integer> examined,
            Map<String, String> environment) {
        this.loop = new TrackingLoop(context, directory, namespace, config.tensorboard(), examined);
        this.threads.add(new ServiceThread(ROLE, loop));
        try {
            this.senders = senders(context, config, directory, environment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (senders.wanted()) {
            threads.add(new ServiceThread(ROLE + "-senders", senders));
        }
    }

    private static Senders senders(
            RunContext context, TrackingConfig config, Path directory, Map<String, String> environment)
            throws IOException {
        Path events = Recorder.events(directory);
        Senders senders = new Senders(LineageFiles.of(directory).directory());
        TrackingConfig.Lineage lineage = config.lineage();
        if (!lineage.openlineageUrl().isEmpty()) {
            senders.openLineage(
                    events,
                    new Senders.Address(
                            lineage.openlineageUrl(),
                            TrackingConfig.token(
                                    "lineage.openlineage_token_env", lineage.openlineageTokenEnv(), environment),
                            lineage.timeout()));
        }
        if (config.toMlflow()) {
            TrackingConfig.Mlflow mlflow = config.mlflow();
            senders.mlflow(
                    directory.resolve(MetricsFile.NAME),
                    new Senders.Address(
                            mlflow.trackingUri(),
                            TrackingConfig.token("mlflow.token_env", mlflow.tokenEnv(), environment),
                            mlflow.timeout()),
                    mlflow.experiment(),
                    context.runId(),
                    context.settings().values());
        }
        return senders;
    }

    @Override
    public String role() {
        return ROLE;
    }

    @Override
    public void start() {
        threads.forEach(ServiceThread::start);
    }

    @Override
    public List<ServiceThread> threads() {
        return threads;
    }

    /** The run is over: waits until all that the log says is written, and for a short while until it is sent. */
    public void complete() throws InterruptedException {
        loop.complete();
        await(threads.get(0));
        senders.complete();
        await(threads.get(threads.size() - 1));
    }

    private static void await(ServiceThread thread) throws InterruptedException {
        long end = System.nanoTime() + LAST.toNanos();
        while (thread.started() && !thread.ended() && System.nanoTime() < end) {
            Thread.sleep(20);
        }
    }

    @Override
    public void close() {
        threads.forEach(ServiceThread::close);
    }
}
