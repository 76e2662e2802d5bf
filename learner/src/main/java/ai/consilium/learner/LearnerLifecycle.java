package ai.consilium.learner;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.course.ConsolidationCourse;
import ai.consilium.learner.course.Course;
import ai.consilium.learner.course.MergedStart;
import ai.consilium.learner.course.ReinforcementCourse;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.learner.lineage.RetainedVersions;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.DirectoryLock;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One policy from its start to its final version: take it over, resume or begin, then train batch after batch
 * ({@link TrainingLoop}). The policy is a specialty's expert, or the unified agent, which begins when the experts are merged.
 */
final class LearnerLifecycle implements Flow {
    private final LearnerContext context;
    private final Path directory;

    LearnerLifecycle(LearnerContext context) {
        this.context = context;
        this.directory = context.inputs().checkpoints().resolve(context.specialty());
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        try {
            Optional<Course> course =
                    context.specialty().equals(Topics.UNIFIED) ? consolidation(pulse) : Optional.of(reinforcement());
            if (course.isPresent()) {
                follow(course.get(), pulse);
            }
        } catch (InterruptedException e) {
            if (!pulse.stopping()) {
                throw e;
            }
        }
    }

    private Course reinforcement() {
        LearnerInputs inputs = context.inputs();
        Fingerprint settings = Fingerprint.of(
                context.config(),
                context.task(),
                trainingFileHash(),
                inputs.model().directory().hash(),
                inputs.model().precision());
        Adapter start = inputs.starts().get(context.specialty());
        return new ReinforcementCourse(context, start == null ? settings : settings.startingFrom(start.hash()));
    }

    /** @return empty when asked to stop before the experts are merged, or when there is nothing left to teach */
    private Optional<Course> consolidation(Pulse pulse) {
        LearnerInputs inputs = context.inputs();
        return MergedStart.await(context, pulse)
                .filter(start -> !start.judged())
                .map(start -> new ConsolidationCourse(
                        context,
                        start,
                        Fingerprint.ofConsolidation(
                                context.config(),
                                context.task(),
                                start.hashes(),
                                trainingFileHash(),
                                inputs.model().directory().hash(),
                                inputs.model().precision())));
    }

    private String trainingFileHash() {
        return context.inputs().cases().file(CaseLibrary.TRAINING_FILE).sha256();
    }

    @SuppressWarnings("try") // the claim on the directory is only held
    private void follow(Course course, Pulse pulse) throws Exception {
        LineageReader published = new LineageReader(context.run().kafka(), context.specialty(), context.deadLetters());
        try (DirectoryLock claimed = DirectoryLock.claim(directory, "learner.lock")) {
            CheckpointStore checkpoints = new CheckpointStore(directory, course.origin(), context.faults());
            String log = published.topicId();
            // Looked at before anybody is fenced: a learner that cannot go on must not stop one that does.
            Optional<Lineage> seen = published.read(pulse);
            seen.ifPresent(lineage -> resume(course, checkpoints, lineage, log));
            if (seen.isEmpty()) {
                return;
            }
            TransactionalWriter.hold(
                    context.run(), "learner-" + context.specialty(), "learner of " + context.specialty(), writer -> {
                        Publisher publisher =
                                new Publisher(context.run(), context.specialty(), context.faults(), writer);
                        Optional<Lineage> lineage = published.read(pulse);
                        if (lineage.isPresent()) {
                            Optional<Checkpoint> start = resume(course, checkpoints, lineage.get(), log);
                            try (RetainedVersions retained = retained(course, lineage.get())) {
                                new TrainingLoop(context, course, checkpoints, lineage.get(), retained, log, publisher)
                                        .run(start, pulse);
                            }
                        }
                    });
        }
    }

    private RetainedVersions retained(Course course, Lineage lineage) {
        ValidationPlan validation = context.task().validation();
        int cases = validation.wanted() ? validation.casesOf(validationCases()) : 0;
        return new RetainedVersions(
                new RetainedVersions.Scope(
                        context.specialty(),
                        course.origin(),
                        validation,
                        cases,
                        context.config().ckpt().keepBest()),
                lineage,
                context.run().kafka());
    }

    private long validationCases() {
        return context.inputs().cases().file(CaseLibrary.VALIDATION_FILE).cases().stream()
                .filter(of -> of.specialty().equals(context.specialty()))
                .count();
    }

    /** The newest checkpoint, if it belongs to this log and these settings. */
    private Optional<Checkpoint> resume(Course course, CheckpointStore checkpoints, Lineage lineage, String log) {
        Optional<Checkpoint> newest = checkpoints.latest();
        if (lineage.newest() > newest.map(Checkpoint::version).orElse(course.given())) {
            throw new UsageException(
                    "version %d of %s is on the log, but %s holds %s; restore the checkpoints or start a new run"
                            .formatted(
                                    lineage.newest(),
                                    context.specialty(),
                                    directory,
                                    newest.map(checkpoint -> "version " + checkpoint.version() + " at most")
                                            .orElse("no checkpoint")));
        }
        newest.ifPresent(checkpoint -> {
            course.fingerprint().requireMadeBySame(checkpoint.facts());
            requireOfThisLog(checkpoint, lineage, log);
        });
        return newest;
    }

    /** What another log's learner left behind is not published here, and nothing is published over a hole. */
    private void requireOfThisLog(Checkpoint checkpoint, Lineage lineage, String log) {
        String whose = "the checkpoint of %s, version %d, ".formatted(context.specialty(), checkpoint.version());
        if (!log.equals(checkpoint.facts().log())) {
            throw new UsageException(whose
                    + "belongs to another log: topic %s of run %s was recreated, or this is another run; "
                            .formatted(
                                    Topics.POLICY_UPDATES.baseName(),
                                    context.run().runId())
                    + "use that log, or a new run directory");
        }
        long version = checkpoint.version();
        if (lineage.at(version).isPresent()) {
            if (!lineage.holds(version, checkpoint.trained().adapter().hash())) {
                throw new UsageException(whose + "is not the adapter that this log names; it belongs to another run");
            }
        } else if (version > 0 && !lineage.holds(version - 1, checkpoint.facts().parentHash())) {
            throw new UsageException(
                    whose + "was made from version " + (version - 1) + ", which is not on this log; start a new run");
        }
    }
}
