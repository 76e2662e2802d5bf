package ai.consilium.monitor.state;

import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunControl;
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
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;
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
    private final PolicyTable policies;
    private final int steps;
    private final Map<String, SpecialtyStats> specialties = new LinkedHashMap<>();
    /** What the merged agent samples, and what becomes of it. */
    private final SpecialtyStats agent = new SpecialtyStats(Topics.UNIFIED);

    private final Map<String, ScorerStats> scorers = new TreeMap<>();
    private final FlowTracker flow = new FlowTracker();
    private final StalenessCounts staleness = new StalenessCounts();
    private final AgentVersions agents = new AgentVersions();
    private final Deque<RunSnapshot.Event> events = new ArrayDeque<>();
    private final Deque<RunSnapshot.Event> stalls = new ArrayDeque<>();
    private @Nullable PolicyUpdate unified;
    private @Nullable String toldPhase;
    /** What the run was told to do, unless it goes on. */
    private @Nullable String told;

    private RunSnapshot.@Nullable Edition edition;
    private boolean simulated;
    private @Nullable Long firstMs;
    private @Nullable Long newestMs;
    private long revision;
    private int round;
    private boolean reading = true;
    private @Nullable Long finishedMs;

    /** Of a run whose specialties are all trained from the first round on. */
    public RunState(String runId, List<String> specialties, int steps) {
        this(runId, PolicyTable.of(specialties), steps);
    }

    /**
     * The state of a run that has no records yet.
     *
     * @param policies of the run; a specialty is shown once its first round has begun
     * @param steps updates that each specialty is to reach; 0 where there is no end
     */
    public RunState(String runId, PolicyTable policies, int steps) {
        this.runId = runId;
        this.policies = policies;
        this.steps = steps;
        policies.specialties().forEach(name -> this.specialties.put(name, new SpecialtyStats(name)));
    }

    private Stream<SpecialtyStats> trained(int inRound) {
        return policies.specialties(inRound).stream().map(specialties::get).map(Objects::requireNonNull);
    }

    /**
     * Takes a record of any topic that the monitor follows; policies that are no specialty of the run are passed over.
     *
     * @param offset of the record
     * @param writtenMs when it was written, epoch milliseconds
     */
    public synchronized void add(SpecificRecord record, long offset, long writtenMs) {
        newestMs = newestMs == null ? writtenMs : Math.max(newestMs, writtenMs);
        if (record instanceof Prompt prompt) {
            seen(prompt.getCreatedMs());
            ledger(PolicyTable.policyOf(prompt)).ifPresent(of -> begun(of, prompt));
        } else if (record instanceof Trajectory trajectory) {
            ledger(PolicyTable.policyOf(trajectory)).ifPresent(of -> sampled(of, trajectory));
        } else if (record instanceof Scores scores) {
            scored(scores);
        } else if (record instanceof TrainingGroup group) {
            ledger(PolicyTable.policyOf(group)).ifPresent(of -> closed(of, group, writtenMs));
        } else if (record instanceof GroupOutcome outcome) {
            ledger(outcome.getSpecialty()).ifPresent(of -> ended(of, outcome));
        } else if (record instanceof PolicyUpdate update) {
            updated(update, writtenMs);
        } else if (record instanceof RunEvent event) {
            told(event, offset);
        }
    }

    /** By stage, what tells how many groups wait for it. */
    public Map<String, IntSupplier> waiting() {
        Map<String, IntSupplier> waiting = new LinkedHashMap<>();
        for (int arrow = 0; arrow < RunFlow.ARROWS.size(); arrow++) {
            int of = arrow;
            waiting.put(RunFlow.STAGES.get(arrow + 1), () -> waitingOn(of));
        }
        return waiting;
    }

    private synchronized int waitingOn(int arrow) {
        return flow.waiting(arrow);
    }

    private void begun(SpecialtyStats of, Prompt prompt) {
        of.begun(prompt.getGroupId());
        flow.passed(RunFlow.PROMPTS, prompt.getCreatedMs());
        if (!of.hasEnded(prompt.getGroupId())) {
            flow.prompt(prompt);
        }
    }

    private void sampled(SpecialtyStats of, Trajectory trajectory) {
        of.sampled(trajectory);
        flow.passed(RunFlow.TRAJECTORIES, trajectory.getCreatedMs());
        if (!of.hasEnded(trajectory.getGroupId())) {
            flow.sampled(trajectory);
        }
    }

    private void scored(Scores scores) {
        for (Score score : scores.getScores()) {
            scorers.computeIfAbsent(score.getScorer(), ScorerStats::new).add(score);
        }
        flow.passed(RunFlow.SCORES, scores.getCreatedMs());
        if (!ended(scores.getGroupId())) {
            flow.scored(scores);
        }
    }

    /** A scores record does not say whose group it belongs to. */
    private boolean ended(String groupId) {
        return agent.hasEnded(groupId) || specialties.values().stream().anyMatch(of -> of.hasEnded(groupId));
    }

    private void closed(SpecialtyStats of, TrainingGroup group, long writtenMs) {
        flow.passed(RunFlow.GROUPS, writtenMs);
        if (!of.hasEnded(group.getGroupId())) {
            flow.closed(group, writtenMs);
        }
        revision++;
    }

    private void ended(SpecialtyStats of, GroupOutcome outcome) {
        if (of.ended(outcome)) {
            flow.ended(outcome.getGroupId());
            revision++;
        }
    }

    /**
     * The run as it stands.
     *
     * @param nowMs epoch milliseconds
     */
    public synchronized RunSnapshot at(long nowMs) {
        List<RunSnapshot.Specialty> snapshots =
                trained(round).map(of -> of.snapshot(nowMs)).toList();
        RunSnapshot.Specialty merged = agent.snapshot(nowMs);
        List<RunSnapshot.Specialty> all =
                Stream.concat(snapshots.stream(), Stream.of(merged)).toList();
        Long elapsed = firstMs == null ? null : Math.max(0, (finishedMs == null ? nowMs : finishedMs) - firstMs);
        RunSnapshot.Books books =
                GroupCounts.sum(all.stream().map(RunSnapshot.Specialty::books).toList());
        Long silent = newestMs == null ? null : Math.max(0, nowMs - newestMs);
        boolean active = finishedMs == null
                && silent != null
                && silent < StateSentence.SILENT.toMillis()
                && (phase().equals(Phases.REINFORCEMENT) || phase().equals(Phases.CONSOLIDATION));
        RunFlow flows = flow.at(nowMs, active, finishedMs == null || elapsed == null ? 0 : elapsed);
        Long left = leftMs(nowMs);
        return new RunSnapshot(
                runId,
                nowMs,
                StateSentence.of(new StateSentence.Facts(
                        reading,
                        phase(),
                        steps,
                        trained(0).map(of -> of.snapshot(nowMs)).toList(),
                        books,
                        flows,
                        elapsed,
                        left,
                        silent,
                        told,
                        edition == null ? null : edition.refused())),
                phase(),
                simulated,
                edition,
                finishedMs != null,
                reading,
                steps,
                elapsed,
                left,
                all.stream().mapToLong(RunSnapshot.Specialty::tokens).sum(),
                all.stream().mapToDouble(RunSnapshot.Specialty::tokensPerSecond).sum(),
                books,
                flows,
                snapshots,
                unified == null
                        ? null
                        : new RunSnapshot.Unified(
                                unified.getVersion(), Map.copyOf(unified.getFigures()), merged.books()),
                agents.newestFirst(),
                scorers.values().stream().map(ScorerStats::snapshot).toList(),
                List.copyOf(stalls),
                List.copyOf(events),
                revision,
                List.of());
    }

    /** All that was on the log at the start has been taken. */
    public synchronized void caughtUp() {
        reading = false;
    }

    /** What the charts are drawn from. */
    public synchronized ChartData charts() {
        List<ChartData.Policy> policies = Stream.concat(
                        trained(round), unified == null ? Stream.empty() : Stream.of(agent))
                .map(SpecialtyStats::charts)
                .toList();
        return new ChartData(revision, policies, staleness.counts());
    }

    private void updated(PolicyUpdate update, long writtenMs) {
        seen(update.getCreatedMs());
        revision++;
        round = Math.max(round, update.getRound());
        flow.passed(RunFlow.UPDATES, writtenMs);
        if (update.getSpecialty().equals(Topics.UNIFIED)) {
            unified = update;
            agents.add(update);
        }
        if (ledger(update.getSpecialty()).map(of -> of.updated(update)).orElse(false)) {
            staleness.update(update);
        }
    }

    private void told(RunEvent event, long offset) {
        seen(event.getCreatedMs());
        simulated |= SIMULATED.equals(event.getLabels().get(EventLabels.CASES));
        RunSnapshot.Edition.of(event.getLabels()).ifPresent(named -> edition = named);
        RunSnapshot.Event shown = RunSnapshot.Event.of(event, offset);
        String control = event.getLabels().get(EventLabels.CONTROL);
        if (control != null) {
            told = control.equals(RunControl.GO.label()) ? null : event.getMessage();
        }
        if (event.getKind() == EventKind.STALLED) {
            keep(stalls, shown, STALLS_KEPT);
        }
        if (event.getKind() == EventKind.PHASE && !event.getLabels().containsKey(EventLabels.SPECIALTY)) {
            toldPhase = event.getLabels().get(EventLabels.PHASE);
        }
        if (event.getKind() == EventKind.PROGRESS
                && Phases.DSA.equals(event.getLabels().get(EventLabels.PHASE))) {
            ledger(event.getLabels().getOrDefault(EventLabels.SPECIALTY, ""))
                    .ifPresent(of -> of.adapting(event.getFigures()));
        }
        if (event.getKind() == EventKind.FINISHED) {
            finishedMs = event.getCreatedMs();
        }
        if (RunSnapshot.Event.shown(event)) {
            keep(events, shown, EVENTS_KEPT);
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
        if (trained(round).allMatch(SpecialtyStats::isFinal)) {
            return Phases.MERGING;
        }
        return trained(round).anyMatch(SpecialtyStats::adapted) ? Phases.REINFORCEMENT : Phases.ADAPTATION;
    }

    /** Of reinforcement; what comes after it is not estimated. */
    private @Nullable Long leftMs(long nowMs) {
        List<SpecialtyStats> first = trained(0).toList();
        if (steps == 0 || first.stream().allMatch(SpecialtyStats::isFinal)) {
            return null;
        }
        long longest = 0;
        for (SpecialtyStats specialty : first) {
            Long left = specialty.leftMs(steps, nowMs);
            if (left == null) {
                return null;
            }
            longest = Math.max(longest, left);
        }
        return longest;
    }
}
