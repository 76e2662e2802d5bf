package ai.consilium.monitor.watchdog;

import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Heartbeat;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;

/** Records in, {@link Sight} out. Keeps what is open and what is newest, no history. Thread-safe. */
final class RunWatch {
    private static final String MERGER = Stage.MERGER.label();

    private final PolicyTable table;
    private final Processes processes;
    private final OpenGroups groups;
    private final Map<String, PolicyEvidence> policies = new TreeMap<>();
    private final Set<String> finals = new HashSet<>();
    private int round;
    private boolean begun;
    private boolean over;

    /**
     * Of a run that has no records yet.
     *
     * @param own name of this process
     * @param table its policies
     * @param startMs when it began to look
     */
    RunWatch(String own, PolicyTable table, long startMs) {
        this.table = table;
        this.processes = new Processes(own, startMs);
        this.groups = new OpenGroups(startMs);
    }

    /** Takes a record of any topic of the run. */
    synchronized void add(SpecificRecord record, long nowMs) {
        if (record instanceof Heartbeat beat) {
            processes.add(beat, nowMs);
        } else if (record instanceof Prompt prompt) {
            if (!prompt.getPurpose().equals(Purpose.VALIDATION)) {
                groups.begun(prompt);
            }
        } else if (record instanceof Trajectory trajectory) {
            if (!trajectory.getPurpose().equals(Purpose.VALIDATION)) {
                policy(PolicyTable.policyOf(trajectory)).sampled(trajectory);
            }
        } else if (record instanceof Scores scores) {
            groups.scored(scores, nowMs);
        } else if (record instanceof TrainingGroup group) {
            groups.ended(group.getGroupId(), nowMs);
            policy(PolicyTable.policyOf(group)).signal(group.getCreatedMs());
        } else if (record instanceof GroupOutcome outcome) {
            groups.ended(outcome.getGroupId(), nowMs);
            policy(outcome.getSpecialty()).ended(outcome);
        } else if (record instanceof PolicyUpdate update) {
            updated(update);
        } else if (record instanceof RunEvent event) {
            over |= event.getKind() == EventKind.FINISHED && event.getRole().equals(MERGER);
        }
    }

    private PolicyEvidence policy(String name) {
        return policies.computeIfAbsent(name, unseen -> new PolicyEvidence());
    }

    private void updated(PolicyUpdate update) {
        round = Math.max(round, update.getRound());
        if (table.specialties().contains(update.getSpecialty())) {
            begun = true;
            if (update.getFinalVersion()) {
                finals.add(update.getSpecialty());
            } else {
                finals.remove(update.getSpecialty());
            }
        }
    }

    /** The run as it is seen now, with the disks of its brokers. */
    synchronized Sight at(long nowMs, List<Sight.Disk> brokers) {
        return new Sight(
                processes.live(),
                over,
                begun,
                finals.containsAll(table.specialties(round)),
                processes.blindMs(nowMs),
                processes.absences(nowMs),
                processes.impediments(nowMs),
                Stream.concat(processes.disks(nowMs).stream(), brokers.stream()).toList(),
                groups.unclosed(nowMs),
                // What becomes of the groups of an expert whose round is over matters to nobody.
                policies.entrySet().stream()
                        .filter(policy -> !finals.contains(policy.getKey()))
                        .map(policy -> policy.getValue().sight(policy.getKey()))
                        .toList());
    }
}
