package ai.consilium.advantage.topology;

import ai.consilium.advantage.group.Attempts;
import ai.consilium.advantage.group.ClosedGroup;
import ai.consilium.advantage.group.GroupScoringRule;
import ai.consilium.advantage.group.OpenGroup;
import ai.consilium.advantage.group.PendingGroups;
import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.kafka.SourceRecord;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.schemas.Closing;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.Trajectory;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;

/**
 * The life of a group: a prompt opens it, trajectories and scores fill it in any order, and it closes once, complete or at
 * its deadline. What comes before its prompt is kept aside and taken in the log's order once the prompt is there.
 */
final class GroupProcessor implements Processor<String, Decoded<? extends SpecificRecord>, String, SpecificRecord> {
    private final AdvantageTopology.Setting setting;
    private final GroupMetrics meters;
    private final Function<SourceRecord, Decoded<? extends SpecificRecord>> keptAside;

    // All that follows is of one transactional life of the task: Kafka Streams starts the same processor again after an
    // aborted transaction.
    private UnreadInput unread;
    private Map<String, Long> next;
    private PendingGroups agenda;
    private long forgetAgainMs;
    private ProcessorContext<String, SpecificRecord> context;
    private GroupOutputs outputs;
    private GroupStores stores;
    private GroupScoringRules plans;
    private ScoresCheck check;
    private GroupEnds ends;

    @SuppressWarnings("NullAway.Init") // Streams calls init before anything else.
    GroupProcessor(AdvantageTopology.Setting setting) {
        this.setting = setting;
        this.meters = setting.meters();
        this.keptAside = setting.keptAside();
    }

    @Override
    public void init(ProcessorContext<String, SpecificRecord> context) {
        this.context = context;
        unread = setting.unread().get();
        next = new HashMap<>();
        agenda = new PendingGroups();
        outputs = new GroupOutputs(context, new OutcomeFactory(setting.writer()), meters);
        stores = new GroupStores(context, setting.trajectories());
        plans = new GroupScoringRules(context);
        check = new ScoresCheck(plans, stores);
        ends = new GroupEnds(context, stores, agenda, outputs, meters);
        long now = context.currentSystemTimeMs();
        stores.open().forEach(this::watch);
        stores.earlyGroups().stream()
                .filter(groupId -> !agenda.isOpen(groupId))
                .forEach(groupId -> agenda.early(groupId, now));
        forgetAgainMs = now + setting.closedRetention().toMillis() / 4;
        context.schedule(setting.tick(), PunctuationType.WALL_CLOCK_TIME, this::tick);
    }

    @Override
    public void process(Record<String, Decoded<? extends SpecificRecord>> record) {
        var at = context.recordMetadata().orElseThrow();
        next.put(at.topic(), at.offset() + 1);
        meters.progress();
        @Nullable Decoded<? extends SpecificRecord> value = record.value();
        byte[] bytes = value == null ? new byte[0] : value.bytes();
        take(new SourceRecord(at.topic(), at.partition(), at.offset(), record.key(), bytes), value);
    }

    private void take(SourceRecord origin, @Nullable Decoded<? extends SpecificRecord> decoded) {
        String problem = RecordValidator.problem(origin.key(), decoded);
        if (problem != null) {
            outputs.refuse(origin, problem);
            return;
        }
        SpecificRecord value =
                Objects.requireNonNull(Objects.requireNonNull(decoded).value());
        if (value instanceof Prompt prompt) {
            prompted(origin, prompt);
        } else if (value instanceof Trajectory trajectory) {
            sampled(origin, trajectory);
        } else if (value instanceof Scores scores && !GroupScoringRule.late(scores)) {
            scored(origin, scores);
        }
    }

    private void prompted(SourceRecord origin, Prompt prompt) {
        String groupId = prompt.getGroupId();
        if (stores.prompt(groupId) != null || stores.closed(groupId) != null) {
            meters.repeated();
            return;
        }
        String problem = RecordValidator.problem(prompt, setting.policies());
        if (problem != null) {
            outputs.refuse(origin, problem);
            ends.end(prompt, Outcome.REJECTED, problem, ClosedGroup.without(now(), "rejected"));
        } else {
            stores.open(prompt);
            watch(prompt);
        }
        if (agenda.prompted(groupId)) {
            takeAside(groupId);
        }
        look(groupId);
    }

    private void watch(Prompt prompt) {
        agenda.open(prompt);
        meters.opened(1);
    }

    private void sampled(SourceRecord origin, Trajectory trajectory) {
        String id = trajectory.getTrajectoryId();
        Prompt prompt = openFor(origin, trajectory.getGroupId(), id, trajectory.getSampleIndex());
        if (prompt == null) {
            return;
        }
        String problem = RecordValidator.problem(prompt, trajectory);
        if (problem != null) {
            outputs.refuse(origin, problem);
            return;
        }
        Attempts before = stores.attempts(trajectory.getGroupId());
        if (before.knows(id)) {
            meters.repeated();
            return;
        }
        stores.append(trajectory, origin.value(), before);
        if (before.members().containsKey(trajectory.getSampleIndex())) {
            meters.superseded();
        }
        takeAside(prompt.getGroupId());
        if (agenda.isOpen(prompt.getGroupId())) {
            closeIfComplete(prompt);
        }
    }

    private void takeAside(String groupId) {
        if (stores.earlyGroups().contains(groupId)) {
            stores.takeEarly(groupId, context.taskId().partition())
                    .forEach(aside -> take(aside, keptAside.apply(aside)));
        }
    }

    private void scored(SourceRecord origin, Scores scores) {
        String groupId = scores.getGroupId();
        if (stores.prompt(groupId) == null && check.onlyReported(stores.closed(groupId), scores)) {
            return;
        }
        Prompt prompt = openFor(origin, groupId, scores.getTrajectoryId(), null);
        if (prompt == null) {
            return;
        }
        String problem = check.problem(prompt, scores);
        if (problem != null) {
            outputs.refuse(origin, problem);
        } else if (check.isAhead(scores)) {
            stores.keepEarly(groupId, origin);
        } else if (stores.add(scores)) {
            closeIfComplete(prompt);
        } else {
            meters.repeated();
        }
    }

    /**
     * The prompt of the open group that a record belongs to; null when the record is dealt with already, because the group
     * closed or has no prompt yet.
     *
     * @param sample of a trajectory; null for scores
     */
    private @Nullable Prompt openFor(
            SourceRecord origin, String groupId, String trajectoryId, @Nullable Integer sample) {
        Prompt prompt = stores.prompt(groupId);
        if (prompt != null) {
            return prompt;
        }
        ClosedGroup closed = stores.closed(groupId);
        if (closed == null) {
            stores.keepEarly(groupId, origin);
            agenda.early(groupId, now());
        } else if (closed.settled().contains(trajectoryId)) {
            meters.repeated();
        } else if (sample != null && closed.samples().contains(sample)) {
            meters.superseded();
            stores.settle(groupId, closed, trajectoryId);
        } else {
            outputs.refuse(origin, "late: the group closed as " + closed.how());
        }
        return null;
    }

    private void closeIfComplete(Prompt prompt) {
        open(prompt).filter(OpenGroup::complete).ifPresent(group -> ends.close(group, Closing.COMPLETE));
    }

    /** What is known of a group; empty while its scoring configuration is not there, or when that ends the group. */
    private Optional<OpenGroup> open(Prompt prompt) {
        String groupId = prompt.getGroupId();
        try {
            Optional<GroupScoringRule> plan = plans.plan(prompt.getScoringConfigHash());
            if (plan.isEmpty()) {
                agenda.lookAgain(groupId);
            }
            return plan.map(p -> new OpenGroup(prompt, p, stores.attempts(groupId), stores.scores(groupId)));
        } catch (IllegalArgumentException e) {
            String reason = "scoring configuration " + prompt.getScoringConfigHash() + ": " + e.getMessage();
            ends.end(prompt, Outcome.REJECTED, reason, ClosedGroup.without(now(), "rejected"));
            return Optional.empty();
        }
    }

    /** Once a second: configurations that came, deadlines that passed, records that nobody waits for. */
    private void tick(long ignored) {
        agenda.takeUnplanned().forEach(this::look);
        long now = now();
        long forgotten = now - setting.closedRetention().toMillis();
        List<String> overdue = agenda.overdue(now);
        List<String> orphans = agenda.earlyUpTo(forgotten);
        boolean forgetting = now >= forgetAgainMs;
        boolean nothing = overdue.isEmpty() && orphans.isEmpty() && !forgetting;
        if (nothing || unread.any(context.taskId().partition(), next)) {
            return;
        }
        overdue.forEach(this::closeAtDeadline);
        orphans.forEach(this::giveUpOn);
        if (forgetting) {
            // A record of a closed group can come as late as a share group redelivers its prompt or a scorer retries:
            // minutes. Marks outlive that many times over, and do not fill the disk of a run that takes weeks.
            stores.forgetClosedBefore(forgotten);
            forgetAgainMs = now + setting.closedRetention().toMillis() / 4;
        }
    }

    private void look(String groupId) {
        Prompt prompt = stores.prompt(groupId);
        if (prompt != null) {
            closeIfComplete(prompt);
        }
    }

    private void closeAtDeadline(String groupId) {
        Prompt prompt = Objects.requireNonNull(stores.prompt(groupId), groupId);
        Optional<OpenGroup> group = open(prompt);
        boolean unscored = group.isPresent()
                && group.get().scored().size()
                        < group.get().attempts().members().size();
        if (unscored
                && unread.scoresToCome(
                        context.taskId().partition(),
                        groupId,
                        group.get().plan().awaitedProcesses())) {
            return;
        }
        if (group.isPresent() && group.get().scored().size() >= group.get().quorum()) {
            ends.close(group.get(), group.get().complete() ? Closing.COMPLETE : Closing.PARTIAL);
        } else if (agenda.isOpen(groupId)) {
            String reason = group.map(g -> "deadline: " + g.scored().size() + " of " + g.size()
                            + " trajectories are scored, " + g.quorum() + " are needed")
                    .orElse("deadline: scoring configuration " + prompt.getScoringConfigHash() + " is not on the log");
            ends.end(prompt, Outcome.ABANDONED, reason, ClosedGroup.without(now(), "abandoned"));
        }
    }

    private void giveUpOn(String groupId) {
        agenda.prompted(groupId);
        stores.takeEarly(groupId, context.taskId().partition())
                .forEach(origin -> outputs.refuse(origin, "its group has no prompt, or closed long ago"));
    }

    private long now() {
        return context.currentSystemTimeMs();
    }

    @Override
    public void close() {
        meters.opened(-agenda.open());
        unread.close();
    }
}
