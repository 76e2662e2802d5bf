package ai.consilium.rollout.scheduler;

import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.rollout.scheduler.NoProgressGuard.Standstill;
import ai.consilium.schemas.EventKind;
import java.util.List;
import java.util.Map;

/**
 * Looks for policies that get no further. One whose samples of a case are all alike ends its round, and the others go on; one that is
 * held up by anything else ends the run, since somebody must look at it. One thread only.
 */
final class EarlyEnds {
    private final RunContext context;
    private final SchedulerLog log;
    private final ScoringFollower revisions;
    private final RunEvents events;

    /** @param revisions writes those of the manifest */
    EarlyEnds(RunContext context, SchedulerLog log, ScoringFollower revisions, RunEvents events) {
        this.context = context;
        this.log = log;
        this.revisions = revisions;
        this.events = events;
    }

    /**
     * Looks.
     *
     * @throws UsageException when a policy gets no further, and something may be broken
     */
    void follow(Rounds rounds) {
        List<RoundBooks> begun = rounds.begun();
        for (int round = 0; round < begun.size(); round++) {
            for (Standstill standstill : begun.get(round).untrained().standstills()) {
                EarlyEnd end = new EarlyEnd(standstill.policy(), round);
                if (!told(end)) {
                    tell(end, standstill);
                }
            }
        }
    }

    /** Whether a policy's learner was told to end. */
    boolean told(EarlyEnd end) {
        return log.manifests().newest().filter(end::told).isPresent();
    }

    private void tell(EarlyEnd end, Standstill standstill) {
        if (!standstill.settled()) {
            throw new UsageException(standstill.told());
        }
        revisions.revise(
                newest -> end.after(newest, context.writer(SchedulerService.ROLE), System.currentTimeMillis()));
        events.emit(
                EventKind.PHASE,
                "%s gets no further in round %d, which ends for it: %s"
                        .formatted(end.policy(), end.round() + 1, standstill.told()),
                Map.of(),
                Map.of(EventLabels.SPECIALTY, end.policy()));
    }
}
