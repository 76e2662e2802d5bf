package ai.consilium.tracking;

import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.runlog.lineage.LineageFiles;
import ai.consilium.runlog.lineage.LineageFollower;
import ai.consilium.runlog.lineage.LineageFollower.Followed;
import ai.consilium.schemas.RunManifest;
import ai.consilium.tracking.lines.MetricLine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log and writes what it says, from where the files end. What it writes follows from the log, so that a kill at any
 * moment leaves nothing that the next start does not complete. It never fails: where it cannot read or write, it says so once and
 * begins again.
 */
final class TrackingLoop implements Flow {
    private static final Logger LOG = LoggerFactory.getLogger(TrackingLoop.class);
    private static final Duration POLL = Duration.ofMillis(250);
    private static final Duration PAUSE = Duration.ofSeconds(5);

    private final RunContext context;
    private final Path directory;
    private final String namespace;
    private final boolean tensorboard;
    private final Map<String, Integer> examined;
    private volatile boolean complete;
    private boolean failing;

    /**
     * @param namespace of topics in OpenLineage events
     * @param examined questions of an examination, by specialty; empty without examinations
     */
    TrackingLoop(
            RunContext context, Path directory, String namespace, boolean tensorboard, Map<String, Integer> examined) {
        this.context = context;
        this.directory = directory;
        this.namespace = namespace;
        this.tensorboard = tensorboard;
        this.examined = examined;
    }

    /** All is on the log: what is left is written, and then the thread ends. */
    void complete() {
        complete = true;
    }

    @Override
    public void run(Pulse pulse) throws InterruptedException {
        while (!pulse.stopping()) {
            try {
                follow(pulse);
                return;
            } catch (IOException | RuntimeException e) {
                if (pulse.stopping()) {
                    return;
                }
                told(e);
                if (complete) {
                    return;
                }
            }
            pulse.idle("another try to follow the log");
            pulse.pause(PAUSE);
        }
    }

    private void told(Exception why) {
        if (!failing) {
            LOG.atError()
                    .addKeyValue("directory", directory)
                    .setCause(why)
                    .log("lineage and metrics cannot be written; the run goes on, and it is tried again");
        }
        failing = true;
    }

    private void follow(Pulse pulse) throws IOException {
        awaitManifest(pulse);
        Recorder recorder = new Recorder(directory, namespace, tensorboard);
        try (LineageFollower versions =
                        new LineageFollower(context.kafka(), context.runId(), LineageFiles.of(directory), false);
                ExaminationLines examinations =
                        examined.isEmpty() ? null : new ExaminationLines(context.kafka(), examined)) {
            boolean last = false;
            while (!pulse.stopping()
                    && !(last && versions.caughtUp() && (examinations == null || examinations.caughtUp()))) {
                last = complete;
                pulse.idle("published versions");
                for (Followed followed : versions.poll(POLL)) {
                    recorder.add(followed);
                }
                if (examinations != null) {
                    for (MetricLine line : examinations.poll(Duration.ofMillis(1))) {
                        recorder.add(line);
                    }
                }
                pulse.beat();
                failing = false;
            }
        }
    }

    /** What a run begins with may be published before its scheduler has written the manifest, which a version's lineage names. */
    private void awaitManifest(Pulse pulse) {
        try (ManifestLog manifests = new ManifestLog(context.kafka())) {
            Optional<RunManifest> manifest = manifests.catchUp();
            while (manifest.isEmpty() && !complete && !pulse.stopping()) {
                pulse.idle("the run's manifest");
                manifest = manifests.follow();
            }
        }
    }
}
