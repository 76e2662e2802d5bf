package ai.consilium.monitor.overlay;

import ai.consilium.monitor.reading.RunTopics;
import ai.consilium.monitor.state.RunSnapshot;
import ai.consilium.monitor.state.RunState;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The curves of one run among several: read from its log, and kept when that is closed. Thread-safe. */
public final class RunCurves {
    /** What curves are drawn from; the largest topics are not among them. */
    private static final List<Topics> READ =
            List.of(Topics.PROMPTS, Topics.GROUP_OUTCOMES, Topics.POLICY_UPDATES, Topics.RUN_EVENTS);

    private final String name;
    private final List<String> specialties;
    private final int steps;
    private RunState state;
    private boolean live;
    private @Nullable String problem;
    private long readings;

    /**
     * Of a run that nothing is known of yet.
     *
     * @param name that tells it from the others
     * @param specialties in configuration order
     * @param steps updates that each specialty is to reach
     */
    public RunCurves(String name, List<String> specialties, int steps) {
        this.name = name;
        this.specialties = specialties;
        this.steps = steps;
        this.state = new RunState(name, specialties, steps);
    }

    /**
     * Reads the log from its beginning, and then what comes, as long as it is asked to.
     *
     * @param goesOn whether more is to be read; a log that nobody writes to is left when it was read to its end
     * @param underWay whether somebody writes to it
     */
    public void read(KafkaClients kafka, BooleanSupplier goesOn, boolean underWay) {
        RunState fresh = new RunState(name, specialties, steps);
        // What is known already stays on the page until the same is known anew.
        try (RunTopics topics = new RunTopics(kafka, READ, UnusableRecords.LOGGED)) {
            topics.catchUp(goesOn, record -> fresh.add(record.value(), record.offset(), record.timestamp()));
            fresh.caughtUp();
            become(fresh, underWay);
            while (underWay && goesOn.getAsBoolean()) {
                topics.poll(record -> fresh.add(record.value(), record.offset(), record.timestamp()));
            }
        }
    }

    private synchronized void become(RunState fresh, boolean underWay) {
        state = fresh;
        live = underWay;
        problem = null;
        readings++;
    }

    /** Its log cannot be read. @param why for people */
    public synchronized void fail(String why) {
        problem = why;
        live = false;
        readings++;
    }

    synchronized OverlayData.Run snapshot(long nowMs) {
        RunSnapshot now = state.at(nowMs);
        return new OverlayData.Run(
                name,
                Optional.ofNullable(problem).orElse(readings == 0 ? "Waiting to be read." : now.sentence()),
                problem != null,
                now.simulated(),
                live,
                readings + now.charts());
    }

    synchronized OverlayData.Curves curves() {
        return new OverlayData.Curves(name, state.charts().policies());
    }
}
