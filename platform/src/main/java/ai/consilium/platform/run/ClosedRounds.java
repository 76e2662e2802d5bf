package ai.consilium.platform.run;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.time.Duration;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** The rounds of a run that have ended with an agent: whoever comes back after a hundred of them need not go through each. */
public final class ClosedRounds {
    private static final Duration POLL = Duration.ofMillis(200);

    private ClosedRounds() {}

    /**
     * The round to begin with, from 0: the last that is closed, since the log may lack what is said of its end; the first where none is.
     * Reads the log of versions once.
     *
     * @param stopping whether to look no further
     */
    public static int last(RunContext run, DeadLetters deadLetters, BooleanSupplier stopping) {
        int last = 0;
        try (LogReader<PolicyUpdate> updates =
                new LogReader<>(run.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, null, Map.of())) {
            do {
                for (var update : updates.poll(POLL)) {
                    if (UnifiedAgent.isAgent(update.value())) {
                        last = Math.max(last, update.value().getRound());
                    }
                }
            } while (!stopping.getAsBoolean() && !updates.caughtUp());
        }
        return last;
    }
}
