package ai.consilium.rollout.scheduler;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** Keeps the scheduler's books in a file, and begins with those that are there (docs/adr/0024-the-schedulers-books.md). One thread only. */
final class KeptBooks {
    private static final Duration EVERY = Duration.ofMinutes(1);

    private final Optional<Path> file;
    private final SortedMap<String, String> topicIds;
    private final Optional<SchedulerSnapshot> found;
    private long keptNs = System.nanoTime();

    private KeptBooks(Optional<Path> file, SortedMap<String, String> topicIds, Optional<SchedulerSnapshot> found) {
        this.file = file;
        this.topicIds = topicIds;
        this.found = found;
    }

    /**
     * Reads what is there.
     *
     * @param file empty: nothing is kept
     * @param topicIds of the topics that the books are made from
     */
    static KeptBooks of(Optional<Path> file, SortedMap<String, String> topicIds) {
        return new KeptBooks(file, topicIds, file.flatMap(there -> SchedulerSnapshot.read(there, topicIds)));
    }

    /** Offsets from which on the log may not be known, by topic and partition; what is absent is read from the beginning. */
    Map<String, SortedMap<Integer, Long>> next() {
        return found.map(SchedulerSnapshot::next).orElse(Map.of());
    }

    /** Enters what was found. @param full books of a round that hold something */
    void restore(SchedulerState state, PromptPlan plan, Rounds.Full full) {
        found.ifPresent(snapshot -> {
            state.rounds().restore(snapshot.rounds(), full);
            plan.restore(snapshot.prompts());
            state.examinations().restore(snapshot.examinations());
        });
    }

    /** Keeps them if a minute has passed since they were kept last. */
    void keepNowAndThen(SchedulerLog log, SchedulerState state, PromptPlan plan) {
        if (System.nanoTime() - keptNs >= EVERY.toNanos()) {
            keep(log, state, plan);
        }
    }

    /** Keeps them. */
    void keep(SchedulerLog log, SchedulerState state, PromptPlan plan) {
        keptNs = System.nanoTime();
        file.ifPresent(there -> new SchedulerSnapshot(
                        SchedulerSnapshot.FORMAT,
                        topicIds,
                        log.positions(),
                        state.rounds().content(),
                        plan.content(),
                        state.examinations().content())
                .write(there));
    }
}
