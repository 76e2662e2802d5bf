package ai.consilium.tracking.remote;

import ai.consilium.platform.RemoteHttp;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends what is written to those services that are configured, in a thread of its own: nothing waits for them but the very end. */
public final class Senders implements Flow {
    private static final Logger LOG = LoggerFactory.getLogger(Senders.class);
    private static final Duration PAUSE = Duration.ofMillis(500);
    /** How long the end of a run waits for services that are away. */
    private static final Duration LAST_TRY = Duration.ofSeconds(10);

    private final Path directory;
    private final List<Outbox> outboxes = new ArrayList<>();
    private final CountDownLatch complete = new CountDownLatch(1);
    private @Nullable MlflowReceiver mlflow;

    /**
     * A service.
     *
     * @param token empty for none
     * @param timeout of a call
     */
    public record Address(String url, String token, Duration timeout) {
        private JsonCaller caller() {
            return new JsonCaller(RemoteHttp.client(), URI.create(url), token, timeout);
        }
    }

    /** @param directory that keeps what was sent */
    public Senders(Path directory) throws IOException {
        this.directory = Files.createDirectories(directory);
    }

    /** Sends a file of OpenLineage events. */
    public void openLineage(Path events, Address to) throws IOException {
        outboxes.add(new Outbox(events, directory.resolve("openlineage-sent"), new OpenLineageReceiver(to.caller())));
    }

    /** Sends metrics.jsonl to MLflow. */
    public void mlflow(Path metrics, Address to, String experiment, String runName, SortedMap<String, String> settings)
            throws IOException {
        MlflowReceiver receiver =
                new MlflowReceiver(to.caller(), directory.resolve("mlflow-run"), experiment, runName, settings);
        outboxes.add(new Outbox(metrics, directory.resolve("mlflow-sent"), receiver));
        mlflow = receiver;
    }

    /** Whether there is anybody to send to. */
    public boolean wanted() {
        return !outboxes.isEmpty();
    }

    /** Nothing more will be written: what is left is sent, and then the thread ends. */
    public void complete() {
        complete.countDown();
    }

    @Override
    public void run(Pulse pulse) throws InterruptedException {
        long end = Long.MAX_VALUE;
        while (!pulse.stopping()) {
            boolean last = complete.getCount() == 0;
            if (last && end == Long.MAX_VALUE) {
                end = System.nanoTime() + LAST_TRY.toNanos();
            }
            boolean all = send();
            pulse.beat();
            if (last && (all || System.nanoTime() > end)) {
                finish(all);
                return;
            }
            pulse.idle("lines to send");
            if (complete.await(PAUSE.toMillis(), TimeUnit.MILLISECONDS) && !all) {
                pulse.pause(PAUSE);
            }
        }
    }

    private boolean send() throws InterruptedException {
        boolean all = true;
        for (Outbox outbox : outboxes) {
            try {
                all &= outbox.send();
            } catch (IOException e) {
                all = false;
                LOG.atWarn().addKeyValue("reason", e.getMessage()).log("what is to be sent cannot be read");
            }
        }
        return all;
    }

    private void finish(boolean all) throws InterruptedException {
        if (!all) {
            LOG.warn("some lines could not be sent; they lie in the run directory");
        } else if (mlflow != null) {
            try {
                mlflow.end();
            } catch (IOException e) {
                LOG.atWarn().addKeyValue("reason", e.getMessage()).log("MLflow was not told that the run is over");
            }
        }
    }
}
