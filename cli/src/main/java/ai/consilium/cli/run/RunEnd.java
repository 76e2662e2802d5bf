package ai.consilium.cli.run;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;

/** Hears when the merger says that the run is over, so that a role in a process of its own ends with it. */
public final class RunEnd implements AutoCloseable {
    private static final String MERGER = "merger";

    private final DeadLetters deadLetters;
    private final LogReader<RunEvent> events;
    private boolean finished;

    public RunEnd(RunContext context) {
        this.deadLetters = new DeadLetters(context.kafka(), "run-end");
        this.events = new LogReader<>(context.kafka(), Topics.RUN_EVENTS, RunEvent.class, deadLetters, null, Map.of());
    }

    /** Whether the end is on the log. */
    public boolean reached() {
        for (var record : events.poll(Duration.ofMillis(50))) {
            RunEvent event = record.value();
            finished |= event.getKind() == EventKind.FINISHED && event.getRole().equals(MERGER);
        }
        return finished;
    }

    @Override
    public void close() {
        events.close();
        deadLetters.close();
    }
}
