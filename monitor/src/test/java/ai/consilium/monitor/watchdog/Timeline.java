package ai.consilium.monitor.watchdog;

import ai.consilium.platform.service.Impediment;
import ai.consilium.schemas.CaseRef;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.DiskBeat;
import ai.consilium.schemas.FinishReason;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Heartbeat;
import ai.consilium.schemas.ImpedimentBeat;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.ThreadBeat;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import ai.consilium.testing.RunRecords;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.avro.specific.SpecificRecord;

/** A run of seven processes on a clock that does not take time: each beats every 2 s, and the watchdog looks every second. */
final class Timeline {
    static final String POLICY = "pediatrics";
    static final int MEMBERS = 2;
    private static final String OWN = "monitor-a";
    private static final CaseRef CASE = new CaseRef("train.jsonl", "00", "case-1");

    private long nowMs = 1_000_000;
    private final RunWatch watch = new RunWatch(OWN, PolicyTable.of(List.of(POLICY)), nowMs);
    private final AlarmBoard board = new AlarmBoard();
    private final Map<Stage, String> states = new LinkedHashMap<>();
    private final List<ImpedimentBeat> impediments = new ArrayList<>();
    private final List<Alarm> begun = new ArrayList<>();
    private final List<Alarm> ended = new ArrayList<>();
    private long freeBytes = 1L << 40;
    private boolean blind;

    Timeline() {
        for (Stage stage : Stage.values()) {
            states.put(stage, "running");
        }
    }

    /** Time passes. */
    Timeline pass(int seconds) {
        for (int i = 0; i < seconds; i++) {
            nowMs += 1_000;
            if (nowMs % 2_000 == 0 && !blind) {
                states.forEach((stage, state) -> add(beat(stage, state)));
            }
            Sight sight = watch.at(nowMs, List.of());
            AlarmBoard.Changes changes = board.update(WatchRules.of(sight, WatchConfig.DEFAULT), sight.clear(), nowMs);
            begun.addAll(changes.begun());
            ended.addAll(changes.ended());
        }
        return this;
    }

    /** The process is killed, or stopped: it says no more. */
    Timeline dies(Stage stage) {
        states.remove(stage);
        return this;
    }

    /** Its threads have ended by themselves; it says so, and is gone. */
    Timeline isDone(Stage stage) {
        add(beat(stage, "ended"));
        return dies(stage);
    }

    /** It fails, says why, and is gone. */
    Timeline fails(Stage stage, String why) {
        Heartbeat last = beat(stage, "failed");
        ThreadBeat thread =
                ThreadBeat.newBuilder(last.getThreads().get(0)).setFailure(why).build();
        add(Heartbeat.newBuilder(last).setThreads(List.of(thread)).build());
        return dies(stage);
    }

    Timeline comesBack(Stage stage) {
        states.put(stage, "running");
        return this;
    }

    /** Nothing of the log is read. */
    Timeline blind(boolean is) {
        blind = is;
        return this;
    }

    Timeline impeded(Impediment.Kind kind, String subject) {
        impediments.add(new ImpedimentBeat(kind.label(), subject, "cannot connect"));
        return this;
    }

    Timeline unimpeded() {
        impediments.clear();
        return this;
    }

    Timeline free(long bytes) {
        freeBytes = bytes;
        return this;
    }

    Timeline add(SpecificRecord record) {
        watch.add(record, nowMs);
        return this;
    }

    List<Alarm> alarms() {
        return board.alarms();
    }

    List<Alarm> begun() {
        return begun;
    }

    List<Alarm> ended() {
        return ended;
    }

    private Heartbeat beat(Stage stage, String state) {
        return Heartbeat.newBuilder()
                .setRunId("run")
                .setRole(stage.label())
                .setInstance(stage.label() + "-a")
                .setIntervalMs(2_000)
                .setThreads(List.of(ThreadBeat.newBuilder()
                        .setRole(stage.label())
                        .setName(stage.label())
                        .setState(state)
                        // However long a batch takes.
                        .setQuietMs(60_000)
                        .setIdle(false)
                        .build()))
                .setImpediments(stage == Stage.REWARD ? impediments : List.of())
                .setDisks(stage == Stage.LEARNER ? List.of(new DiskBeat("run directory", freeBytes)) : List.of())
                .setCreatedMs(nowMs)
                .build();
    }

    /** A version of the policy. */
    Timeline version(long version, boolean last) {
        return add(PolicyUpdate.newBuilder(RunRecords.update(POLICY, version, 1, 1))
                .setFinalVersion(last)
                .build());
    }

    Timeline prompted(String group) {
        return add(Prompt.newBuilder(RunRecords.prompt(group, POLICY))
                .setCreatedMs(nowMs)
                .setDeadlineMs(nowMs + 600_000)
                .build());
    }

    Timeline sampled(String group, FinishReason finish) {
        IntStream.range(0, MEMBERS)
                .forEach(i -> add(Trajectory.newBuilder()
                        .setTrajectoryId(group + "/" + i)
                        .setGroupId(group)
                        .setSpecialty(POLICY)
                        .setSampleIndex(i)
                        .setPerspective("none")
                        .setCaseRef(CASE)
                        .setScoringConfigHash("plan")
                        .setPromptHash("")
                        .setTokens(List.of(1))
                        .setLogprobs(List.of(-1f))
                        .setSpans(List.of())
                        .setText("")
                        .setFinishReason(finish)
                        .setTemperature(1)
                        .setWorker("w")
                        .setDeliveryCount(1)
                        .setSampledMs(1)
                        .setCreatedMs(nowMs)
                        .build()));
        return this;
    }

    Timeline scored(String group) {
        IntStream.range(0, MEMBERS).forEach(i -> add(new Scores(group + "/" + i, group, i, "plan", List.of(), nowMs)));
        return this;
    }

    /** Its rewards differ. */
    Timeline closed(String group) {
        return add(new TrainingGroup(
                group,
                POLICY,
                CASE,
                "plan",
                "gba",
                MEMBERS,
                List.of(),
                1.0,
                Closing.COMPLETE,
                List.of(),
                0,
                0.0,
                nowMs,
                false,
                "",
                Purpose.RL,
                0));
    }

    Timeline ended(String group, Outcome outcome) {
        return add(GroupOutcome.newBuilder()
                .setGroupId(group)
                .setSpecialty(POLICY)
                .setOutcome(outcome)
                .setReason("the image is missing")
                .setPolicyVersion(0)
                .setWriter("test")
                .setCreatedMs(nowMs)
                .build());
    }
}
