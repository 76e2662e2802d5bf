package ai.consilium.learner.rl;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.EarlyEnd;
import java.time.Duration;

/** Follows the run's manifest, for a learner that waits for groups which may not come any more. One thread only. */
public final class EarlyEndWatch implements AutoCloseable {
    private final EarlyEnd end;
    private final ManifestLog log;

    /** @param end that is looked for */
    public EarlyEndWatch(KafkaClients kafka, EarlyEnd end) {
        this.end = end;
        this.log = new ManifestLog(kafka);
    }

    /** Whether it was told by now. */
    public boolean told() {
        log.read(Duration.ZERO);
        return log.newest().filter(end::told).isPresent();
    }

    @Override
    public void close() {
        log.close();
    }
}
