package ai.consilium.learner;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.course.Course;
import ai.consilium.learner.course.ReinforcementCourse;
import ai.consilium.learner.exchange.StepExchange;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.RetainedVersions;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.rl.BatchReader;
import ai.consilium.learner.rl.BatchReader.Batch;
import ai.consilium.learner.rl.EarlyEndWatch;
import ai.consilium.learner.rl.EngineMismatch;
import ai.consilium.learner.rl.GroupAdmission;
import ai.consilium.learner.rl.GroupAdmission.Verdict;
import ai.consilium.learner.rl.StepMetrics;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.NonFiniteGradientException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.SharedStep;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a learner does once the policy is its own: the course's start, then step after step. Every version is a checkpoint first
 * and a publication second, and the checkpoint's next offset alone decides which groups come next.
 */
final class TrainingLoop {
    private final LearnerContext context;
    private final Course course;
    private final CheckpointStore checkpoints;
    private final Lineage lineage;
    private final RetainedVersions retained;
    private final String log;
    private final Publisher publisher;
    private final EngineMismatch mismatch;
    /** Since the newest version. A learner that comes back skips the same ones again: the counts are a matter of the log. */
    private int skippedSteps;

    /**
     * Of a policy that was taken over.
     *
     * @param retained versions that outlive others
     * @param log id of the topic that its versions stand on
     */
    TrainingLoop(
            LearnerContext context,
            Course course,
            CheckpointStore checkpoints,
            Lineage lineage,
            RetainedVersions retained,
            String log,
            Publisher publisher) {
        this.context = context;
        this.course = course;
        this.checkpoints = checkpoints;
        this.lineage = lineage;
        this.retained = retained;
        this.log = log;
        this.publisher = publisher;
        this.mismatch =
                new EngineMismatch(context.specialty(), context.inputs().model().precision());
    }

    /** Goes on from a checkpoint, or from the course's start, to the final version or until asked to stop. */
    void run(Optional<Checkpoint> resumed, Pulse pulse) throws InterruptedException {
        resumed.ifPresent(
                checkpoint -> context.report().phase(Phases.RESUMED, "resuming from version " + checkpoint.version()));
        pulse.waitingFor("the base that it trains over");
        try (Ground ground = course.ground()) {
            pulse.beat();
            requireSame(ground);
            Optional<Checkpoint> start = resumed.isPresent()
                    ? resumed
                    : course.start(publisher, pulse).map(first -> startingPoint(first, ground));
            if (start.isPresent()) {
                if (resumed.isPresent()) {
                    new LostAdapters(context, checkpoints, lineage, publisher).restore(course, pulse);
                }
                if (lineage.newest() < start.get().version()) {
                    publish(start.get(), ground);
                }
                train(start.get(), ground, pulse);
            }
        }
    }

    /** What the first version was published over is what the next ones are trained over, to the bit. */
    private void requireSame(Ground ground) {
        Optional<String> published =
                lineage.at(course.origin()).map(PolicyUpdate::getFoldedAgent).map(FoldedAgent::getWeightsSha256);
        ground.folded()
                .filter(folded -> published.isPresent() && !published.get().equals(folded.weightsSha256()))
                .ifPresent(folded -> {
                    throw new UsageException(
                            "unified version %d folded into the base gives weights with SHA-256 %s here, but %s was trained over %s; this host has another model, or a damaged one"
                                    .formatted(
                                            folded.update().getVersion(),
                                            folded.weightsSha256(),
                                            context.specialty(),
                                            published.get()));
                });
    }

    /** The first version: the start's weights under an optimiser that has seen nothing. */
    private Checkpoint startingPoint(Course.Start start, Ground ground) {
        Fingerprint fingerprint = course.fingerprint();
        try (Trainer fresh = new Trainer(
                ground.model(),
                context.inputs().compute(),
                start.adapter(),
                context.config().adamW(),
                context.config().activations().settings())) {
            Checkpoint checkpoint = new Checkpoint(
                    fresh.state(),
                    new Checkpoint.Facts(
                            context.specialty(),
                            course.origin(),
                            false,
                            "",
                            course.round().fromOffset(),
                            course.round().fromOffset(),
                            List.of(),
                            start.figures(),
                            fingerprint.hash(),
                            fingerprint.config(),
                            fingerprint.modelHash(),
                            log));
            checkpoints.write(checkpoint);
            return checkpoint;
        }
    }

    private void publish(Checkpoint checkpoint, Ground ground) {
        int keepLast = context.config().ckpt().keepLast();
        // The course's first version stays: the end of the run is compared with it.
        List<PolicyUpdate> old = retained.superseded(checkpoint.version() - keepLast);
        lineage.add(publisher.publish(
                checkpoint,
                new Publisher.Descent(
                        course.kind(),
                        course.teachers(),
                        course.origin(),
                        course.startParents(),
                        course.round().number(),
                        ground.folded()),
                old));
        checkpoints.prune(keepLast, retained.checkpoints());
        context.report()
                .published(
                        checkpoint.version(), course.last(), checkpoint.facts().figures());
    }

    private void train(Checkpoint start, Ground ground, Pulse pulse) throws InterruptedException {
        int partition = context.run().policies().partition(context.specialty());
        Map<Integer, Long> from = Map.of(partition, start.facts().nextOffset());
        GroupAdmission admission = admission(context, course, lineage);
        try (Course.Steps steps = course.steps(this::origin);
                Trainer trainer = new Trainer(
                        ground.model(),
                        context.inputs().compute(),
                        start.trained().adapter(),
                        context.config().adamW(),
                        context.config().activations().settings());
                LogReader<TrainingGroup> reader = new LogReader<>(
                        context.run().kafka(),
                        Topics.TRAINING_GROUPS,
                        TrainingGroup.class,
                        context.deadLetters(),
                        partition,
                        from);
                EarlyEndWatch early = new EarlyEndWatch(
                        context.run().kafka(),
                        new EarlyEnd(context.specialty(), course.round().number()));
                @Nullable StepExchange exchange = shared() ? new StepExchange(context, pulse::beat) : null) {
            trainer.restore(start.trained());
            trainer.onProgress(pulse::beat);
            boolean recorded = context.inputs().recorded().isPresent();
            BatchReader batches = new BatchReader(
                    context.specialty(), reader, admission, this::refuse, recorded ? reader::caughtUp : early::told);
            Checkpoint current = start;
            while (!current.facts().finalVersion()) {
                Optional<Batch> batch = batches.take(course.plan().batchSize(), current.version(), pulse);
                if (batch.isEmpty() && (recorded || pulse.stopping())) {
                    if (!pulse.stopping()) {
                        context.report()
                                .phase(
                                        Phases.FINISHED,
                                        "the recorded groups end with version %d of %d"
                                                .formatted(current.version(), course.last()));
                    }
                    return;
                }
                Optional<Checkpoint> next = batch.isEmpty()
                        ? Optional.of(current.end())
                        : step(current, batch.get(), trainer, steps, exchange);
                if (next.isPresent()) {
                    current = next.get();
                    checkpoints.write(current);
                    publish(current, ground);
                }
                pulse.beat();
            }
            context.report().phase(Phases.FINISHED, "version " + current.version() + " is final" + early(current));
        }
    }

    private static String early(Checkpoint last) {
        return last.facts().groupIds().isEmpty() ? ": it got no further in this round" : "";
    }

    /** What of the groups on the log a course takes: the same for the learner that trains and for those that help it. */
    static GroupAdmission admission(LearnerContext context, Course course, Lineage lineage) {
        return new GroupAdmission(
                new GroupAdmission.Scope(
                        context.specialty(),
                        course.purpose(),
                        course.round().number(),
                        course.plan().maxOffPolicySteps(),
                        context.task().maxCompletionTokens(),
                        course.masksTruncated()),
                context.inputs().model().directory().completionTokens(),
                lineage,
                context.inputs().cases(),
                context.inputs().encoder()::encode);
    }

    /** Whether others may compute parts of the steps. */
    private boolean shared() {
        return context.config().learner().help()
                && context.inputs().checkpoints().shared()
                && course instanceof ReinforcementCourse;
    }

    /** The course's first version, whose checkpoint is never removed. */
    private Adapter origin() {
        long version = course.origin();
        return checkpoints
                .read(version)
                .map(checkpoint -> checkpoint.trained().adapter())
                .filter(adapter -> lineage.holds(version, adapter.hash()))
                .orElseThrow(() -> new UsageException(
                        "loss.kl_coef is above 0, but the checkpoint of %s, version %d, which it needs as the reference, is "
                                        .formatted(context.specialty(), version)
                                + "missing or damaged; restore it or set loss.kl_coef to 0 in a new run"));
    }

    private void refuse(Verdict.Refused refusal) {
        publisher.refuse(List.of(refusal.record()), refusal.outcome(), refusal.reason());
        context.report().refused(refusal.record().getGroupId(), refusal.outcome(), refusal.reason());
    }

    /** @return empty when the gradient was not finite and the step is skipped: the next batch makes the version */
    private Optional<Checkpoint> step(
            Checkpoint before, Batch batch, Trainer trainer, Course.Steps steps, @Nullable StepExchange exchange)
            throws InterruptedException {
        long version = before.version() + 1;
        double rate = course.rate(version - course.origin());
        context.faults().reach(FaultPoint.FORWARD, version);
        long start = System.nanoTime();
        SortedMap<String, Double> figures;
        PartExchange others = exchange == null
                ? PartExchange.NOBODY
                : exchange.step(version, before.trained().adapter(), what(before, batch));
        try {
            figures = take(batch.groups(), version, trainer, steps, rate, others);
        } catch (NonFiniteGradientException e) {
            skip(version, batch.groups(), e);
            return Optional.empty();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        mismatch.look(version, figures);
        context.faults().reach(FaultPoint.BACKWARD, version);
        StepMetrics.timed(figures, rate, seconds, batch.waitSeconds());
        if (others instanceof StepExchange.Step shared) {
            figures.putAll(shared.figures());
        }
        figures.put("skipped_steps", (double) skippedSteps);
        skippedSteps = 0;
        return Optional.of(before.next(
                trainer.state(), version >= course.last(), batch.nextOffset(), ids(batch.groups()), figures));
    }

    /** For those who help with a step. */
    private SharedStep what(Checkpoint before, Batch batch) {
        return new SharedStep(
                course.round().number(),
                before.trained().adapter().hash(),
                before.facts().fingerprintHash(),
                before.facts().nextOffset(),
                batch.nextOffset(),
                ids(batch.groups()),
                0);
    }

    private SortedMap<String, Double> take(
            List<Verdict.Usable> groups,
            long version,
            Trainer trainer,
            Course.Steps steps,
            double rate,
            PartExchange others)
            throws InterruptedException {
        try {
            return steps.take(trainer, groups, version, rate, others);
        } catch (NonFiniteGradientException e) {
            throw e;
        } catch (ModelException e) {
            throw new ModelException(
                    "version %d of %s cannot be computed from the groups %s: %s; version %d remains the newest"
                            .formatted(version, context.specialty(), ids(groups), e.getMessage(), version - 1),
                    e);
        }
    }

    /** The groups end without a version, so that others take their place in it. */
    private void skip(long version, List<Verdict.Usable> groups, NonFiniteGradientException why) {
        skippedSteps++;
        String reason = String.valueOf(why.getMessage());
        List<TrainingGroup> records =
                groups.stream().map(Verdict.Usable::record).toList();
        publisher.refuse(records, Outcome.REJECTED, "its step was skipped: " + reason);
        context.report().skipped(version, ids(groups), reason);
        if (skippedSteps >= context.config().optimiser().maxSkippedSteps()) {
            throw new ModelException(
                    ("%s: %d steps in a row towards version %d were skipped, the last with the groups %s: %s; version %d "
                                    + "remains the newest. Look at these groups, or raise optimiser.max_skipped_steps and resume")
                            .formatted(context.specialty(), skippedSteps, version, ids(groups), reason, version - 1),
                    why);
        }
    }

    private static List<String> ids(List<Verdict.Usable> groups) {
        return groups.stream().map(usable -> usable.record().getGroupId()).toList();
    }
}
