package ai.consilium.learner;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.course.ReinforcementCourse;
import ai.consilium.learner.course.TrainingRound;
import ai.consilium.learner.exchange.StepFollower;
import ai.consilium.learner.exchange.StepFollower.Announced;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.rl.GroupAdmission;
import ai.consilium.learner.rl.GroupAdmission.Verdict;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.PolicyParts;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.UnifiedAgent;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes parts of the steps of the one who trains a policy, while this process stands by for it. It has no say in a step: adapter,
 * groups and settings are those that the log names, and what it sends has the bits that the other would have computed. One thread.
 */
final class StepHelper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StepHelper.class);
    /** How long it looks at a log that has nothing new. */
    static final Duration LOOK = Duration.ofMillis(50);

    private final LearnerContext context;
    private final Lineage lineage;
    private final StepFollower follower;
    private final AdapterLog<Adapter> adapters;
    private @Nullable Place place;
    private @Nullable Begun begun;

    /** Where the steps of a round are taken: a base to train over, and who says how. */
    private record Place(ReinforcementCourse course, Ground ground) {}

    /** A step whose parts can be computed here. */
    private record Begun(String step, PolicyParts parts) {}

    StepHelper(LearnerContext context) {
        this.context = context;
        this.lineage = new Lineage(context.specialty());
        this.follower = new StepFollower(context.run(), context.specialty());
        this.adapters = context.adapters();
        LOG.atInfo().addKeyValue("policy", context.specialty()).log("standing by, and helping whoever trains");
    }

    /** A version was published. */
    void heard(PolicyUpdate update) {
        lineage.add(update);
    }

    /** Looks whether there is a step to help with, and computes one part of it at most. */
    void help(Pulse pulse) throws InterruptedException {
        Optional<Announced> step = follower.look(LOOK);
        // Of a version that is published already, or that follows one that this process has not heard of yet.
        if (step.isPresent() && lineage.newest() == step.get().version() - 1) {
            Optional<PolicyParts> parts = parts(step.get(), pulse);
            if (parts.isPresent()) {
                computeOne(step.get(), parts.get(), pulse);
            }
        }
    }

    private void computeOne(Announced step, PolicyParts parts, Pulse pulse) throws InterruptedException {
        OptionalInt part = follower.take(step);
        if (part.isPresent()) {
            pulse.waitingFor("part %d of version %d of %s, which another learner trains"
                    .formatted(part.getAsInt(), step.version(), context.specialty()));
            context.faults().reach(FaultPoint.PART, step.version());
            follower.send(step, part.getAsInt(), parts.compute(part.getAsInt(), pulse::beat));
            pulse.beat();
        }
    }

    /** @return empty when this process cannot help with the step */
    private Optional<PolicyParts> parts(Announced step, Pulse pulse) throws InterruptedException {
        Begun known = begun;
        if (known != null && known.step().equals(step.step())) {
            return Optional.of(known.parts());
        }
        endStep();
        try {
            Optional<PolicyParts> prepared = prepare(step, pulse);
            prepared.ifPresent(parts -> begun = new Begun(step.step(), parts));
            return prepared;
        } catch (RuntimeException e) {
            refuse(step, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private Optional<PolicyParts> prepare(Announced step, Pulse pulse) {
        SharedStep what = step.what();
        PolicyUpdate before = lineage.at(step.version() - 1).orElseThrow();
        Optional<Place> found = place(what.getRound(), pulse);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ReinforcementCourse course = found.get().course();
        if (!before.getAdapterHash().equals(what.getAdapterHash())) {
            return refuse(step, "it changes another adapter than version " + before.getVersion());
        }
        if (!course.fingerprint().hash().equals(what.getConfigHash())) {
            return refuse(step, "this host has other settings, cases or another model");
        }
        List<Usable> groups = groups(step, course, pulse);
        if (groups.size() < what.getGroupIds().size()) {
            return refuse(step, "its groups are not the same here");
        }
        PolicyParts parts = course.parts(
                found.get().ground().model(),
                own(before),
                groups,
                () -> own(lineage.at(course.origin()).orElseThrow()));
        if (parts.count() != what.getParts()) {
            parts.close();
            return refuse(step, "it has %d parts, and %d here".formatted(what.getParts(), parts.count()));
        }
        return Optional.of(parts);
    }

    private <T> Optional<T> refuse(Announced step, String reason) {
        LOG.atWarn()
                .addKeyValue("policy", context.specialty())
                .addKeyValue("version", step.version())
                .addKeyValue("reason", reason)
                .log("this learner cannot help with a step");
        follower.giveUp();
        return Optional.empty();
    }

    /** A version's adapter over what it was trained over: without an agent that lies folded under it. */
    private Adapter own(PolicyUpdate update) {
        return adapters.fetch(PolicyUpdate.newBuilder(update).clearFoldedAgent().build());
    }

    private Optional<Place> place(int round, Pulse pulse) {
        Place known = place;
        if (known != null && known.course().round().number() == round) {
            return Optional.of(known);
        }
        leavePlace();
        round(round, pulse).ifPresent(in -> {
            ReinforcementCourse course = new LearnerLifecycle(context).reinforcement(in);
            place = new Place(course, course.ground());
        });
        return Optional.ofNullable(place);
    }

    private Optional<TrainingRound> round(int number, Pulse pulse) {
        if (number > 0) {
            return TrainingRound.await(number, 0, context, pulse);
        }
        return context.inputs().starts().agent().isEmpty()
                ? Optional.of(TrainingRound.FIRST)
                : context.await("the agent that the run was given", UnifiedAgent::isStart, pulse)
                        .map(agent -> new TrainingRound(0, 0, Optional.of(agent)));
    }

    /** The groups that a step names, in its order; fewer where they are not what this process would train on. */
    private List<Usable> groups(Announced step, ReinforcementCourse course, Pulse pulse) {
        SharedStep what = step.what();
        GroupAdmission admission = TrainingLoop.admission(context, course, lineage);
        Map<String, Usable> byId = new HashMap<>();
        int partition = context.run().policies().partition(context.specialty());
        try (LogReader<TrainingGroup> reader = new LogReader<>(
                context.run().kafka(),
                Topics.TRAINING_GROUPS,
                TrainingGroup.class,
                UnusableRecords.LOGGED,
                partition,
                Map.of(partition, what.getFromOffset()))) {
            while (reader.position(partition) < what.getNextOffset()) {
                for (ConsumerRecord<String, TrainingGroup> record : reader.poll(LOOK)) {
                    pulse.beat();
                    String id = record.value().getGroupId();
                    if (record.offset() < what.getNextOffset()
                            && what.getGroupIds().contains(id)
                            && admission.judge(record.value(), record.timestamp(), step.version() - 1)
                                    instanceof Verdict.Usable usable) {
                        byId.putIfAbsent(id, usable);
                    }
                }
            }
        }
        return what.getGroupIds().stream()
                .map(byId::get)
                .filter(Objects::nonNull)
                .toList();
    }

    private void endStep() {
        if (begun != null) {
            begun.parts().close();
            begun = null;
        }
    }

    private void leavePlace() {
        endStep();
        if (place != null) {
            place.ground().close();
            place = null;
        }
    }

    @Override
    public void close() {
        leavePlace();
        adapters.close();
        follower.close();
    }
}
