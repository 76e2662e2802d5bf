package ai.consilium.monitor.state;

import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.Phases;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * Records in, snapshots out. Keeps sums, not records, but for the ids of groups. Records of different topics may come in
 * any order. Thread-safe.
 */
public final class RunState {
    /** Value of {@link EventLabels#CASES} for the simulated clinic. */
    public static final String SIMULATED = "simulated";

    private static final int EVENTS_KEPT = 50;
    private static final int STALLS_KEPT = 5;

    private final String runId;
    private final int steps;
    private final Map<String, SpecialtyStats> specialties = new LinkedHashMap<>();
    /** What the merged agent samples, and what becomes of it. */
    private final SpecialtyStats agent = new SpecialtyStats(Topics.UNIFIED);

    private final Map<String, ScorerStats> scorers = new TreeMap<>();
    private final Deque<RunSnapshot.Event> events = new ArrayDeque<>();
    private final Deque<RunSnapshot.Event> stalls = new ArrayDeque<>();
    private @Nullable PolicyUpdate unified;
    private @Nullable String toldPhase;
    private boolean simulated;
    private @Nullable Long firstMs;
    private @Nullable Long finishedMs;

    /**
     * The state of a run that has no records yet.
     *
     * @param specialties in configuration order
     * @param steps updates that each specialty is to reach
     */
    public RunState(String runId, List<String> specialties, int steps) {
        this.runId = runId;
        this.steps = steps;
        specialties.forEach(name -> this.specialties.put(name, new SpecialtyStats(name)));
    }

    /** Takes a record of any topic that the monitor follows; policies that are no specialty of the run are passed over. */
    public synchronized void add(SpecificRecord record) {
        if (record instanceof Prompt prompt) {
            seen(prompt.getCreatedMs());
            ledger(PolicyTable.policyOf(prompt)).ifPresent(of -> of.begun(prompt.getGroupId()));
        } else if (record instanceof Trajectory trajectory) {
            ledger(PolicyTable.policyOf(trajectory)).ifPresent(of -> of.sampled(trajectory));
        } else if (record instanceof Scores scores) {
            for (Score score : scores.getScores()) {
                scorers.computeIfAbsent(score.getScorer(), ScorerStats::new).add(score);
            }
        } else if (record instanceof TrainingGroup group) {
            ledger(PolicyTable.policyOf(group)).ifPresent(of -> of.closed(group));
        } else if (record instanceof GroupOutcome outcome) {
            ledger(outcome.getSpecialty()).ifPresent(of -> of.ended(outcome));
        } else if (record instanceof PolicyUpdate update) {
            updated(update);
        } else if (record instanceof RunEvent event) {
            told(event);
        }
    }

    /**
     * The run as it stands.
     *
     * @param nowMs epoch milliseconds
     */
    public synchronized RunSnapshot at(long nowMs) {
        List<RunSnapshot.Specialty> snapshots =
                specialties.values().stream().map(of -> of.snapshot(nowMs)).toList();
        RunSnapshot.Specialty agents = agent.snapshot(nowMs);
        List<RunSnapshot.Specialty> all =
                Stream.concat(snapshots.stream(), Stream.of(agents)).toList();
        Long elapsed = firstMs == null ? null : Math.max(0, (finishedMs == null ? nowMs : finishedMs) - firstMs);
        return new RunSnapshot(
                runId,
                nowMs,
                phase(),
                simulated,
                finishedMs != null,
                steps,
                elapsed,
                leftMs(nowMs),
                all.stream().mapToLong(RunSnapshot.Specialty::tokens).sum(),
                all.stream().mapToDouble(RunSnapshot.Specialty::tokensPerSecond).sum(),
                GroupCounts.sum(all.stream().map(RunSnapshot.Specialty::books).toList()),
                snapshots,
                unified == null
                        ? null
                        : new RunSnapshot.Unified(
                                unified.getVersion(), Map.copyOf(unified.getFigures()), agents.books()),
                scorers.values().stream().map(ScorerStats::snapshot).toList(),
                List.copyOf(stalls),
                List.copyOf(events),
                List.of());
    }

    private void updated(PolicyUpdate update) {
        seen(update.getCreatedMs());
        if (update.getSpecialty().equals(Topics.UNIFIED)) {
            unified = update;
        } else {
            ledger(update.getSpecialty()).ifPresent(of -> of.updated(update));
        }
    }

    private void told(RunEvent event) {
        seen(event.getCreatedMs());
        simulated |= SIMULATED.equals(event.getLabels().get(EventLabels.CASES));
        RunSnapshot.Event told = new RunSnapshot.Event(
                event.getCreatedMs(), event.getKind().name(), event.getRole(), event.getInstance(), event.getMessage());
        if (event.getKind() == EventKind.STALLED) {
            keep(stalls, told, STALLS_KEPT);
        }
        if (event.getKind() == EventKind.PHASE && !event.getLabels().containsKey(EventLabels.SPECIALTY)) {
            toldPhase = event.getLabels().get(EventLabels.PHASE);
        }
        if (event.getKind() == EventKind.FINISHED) {
            finishedMs = event.getCreatedMs();
        }
        // Figures and progress come with every step and stand on the page already.
        if (event.getKind() != EventKind.FIGURES && event.getKind() != EventKind.PROGRESS) {
            keep(events, told, EVENTS_KEPT);
        }
    }

    private static void keep(Deque<RunSnapshot.Event> newestFirst, RunSnapshot.Event event, int most) {
        newestFirst.addFirst(event);
        if (newestFirst.size() > most) {
            newestFirst.removeLast();
        }
    }

    private void seen(long atMs) {
        firstMs = firstMs == null ? atMs : Math.min(firstMs, atMs);
    }

    private Optional<SpecialtyStats> ledger(String policy) {
        return policy.equals(Topics.UNIFIED) ? Optional.of(agent) : Optional.ofNullable(specialties.get(policy));
    }

    private String phase() {
        if (finishedMs != null) {
            return Phases.FINISHED;
        }
        if (toldPhase != null) {
            return toldPhase;
        }
        if (specialties.values().stream().allMatch(SpecialtyStats::isFinal)) {
            return Phases.MERGING;
        }
        return specialties.values().stream().anyMatch(SpecialtyStats::adapted)
                ? Phases.REINFORCEMENT
                : Phases.ADAPTATION;
    }

    /** Of reinforcement; what comes after it is not estimated. */
    private @Nullable Long leftMs(long nowMs) {
        if (specialties.values().stream().allMatch(SpecialtyStats::isFinal)) {
            return null;
        }
        long longest = 0;
        for (SpecialtyStats specialty : specialties.values()) {
            Long left = specialty.leftMs(steps, nowMs);
            if (left == null) {
                return null;
            }
            longest = Math.max(longest, left);
        }
        return longest;
    }
}
