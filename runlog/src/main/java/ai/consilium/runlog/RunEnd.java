package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;

/** Watches for the merger's event that ends the run, so that a role in a process of its own ends with it. One thread only. */
public final class RunEnd implements AutoCloseable {
    private static final String MERGER = "merger";
    private static final Duration POLL = Duration.ofMillis(50);

    private final LogReader<RunEvent> events;
    private boolean finished;

    public RunEnd(KafkaClients kafka) {
        this.events = new LogReader<>(kafka, Topics.RUN_EVENTS, RunEvent.class, UnusableRecords.LOGGED, null, Map.of());
    }

    /** Whether the end is on the log. */
    public boolean reached() {
        for (var record : events.poll(POLL)) {
            RunEvent event = record.value();
            finished |= event.getKind() == EventKind.FINISHED && event.getRole().equals(MERGER);
        }
        return finished;
    }

    @Override
    public void close() {
        events.close();
    }
}
