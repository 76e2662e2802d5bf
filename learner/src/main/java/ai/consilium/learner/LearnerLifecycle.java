package ai.consilium.learner;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseFileMismatchException;
import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStorage;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.course.ConsolidationCourse;
import ai.consilium.learner.course.Course;
import ai.consilium.learner.course.GivenAgent;
import ai.consilium.learner.course.MergedStart;
import ai.consilium.learner.course.ReinforcementCourse;
import ai.consilium.learner.course.TrainingRound;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.learner.lineage.RecordedSamples;
import ai.consilium.learner.lineage.RetainedVersions;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ClosedRounds;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.util.Optional;
import java.util.Set;

/**
 * One policy from its start to its final version: take it over, resume or begin, then train batch after batch
 * ({@link TrainingLoop}). The policy is a specialty's expert, or the unified agent, which begins when the experts are merged.
 */
final class LearnerLifecycle implements Flow {
    private final LearnerContext context;

    LearnerLifecycle(LearnerContext context) {
        this.context = context;
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        try {
            int rounds = context.task().rounds();
            boolean unified = context.specialty().equals(Topics.UNIFIED);
            boolean more = true;
            pulse.waitingFor("the rounds that are over");
            int first = Math.max(
                    context.run().policies().since(context.specialty()),
                    ClosedRounds.last(context.run(), context.deadLetters(), pulse::stopping));
            for (int number = first; more && (rounds == 0 || number < rounds); number++) {
                more = unified ? consolidate(number, pulse) : reinforce(number, pulse);
            }
        } catch (InterruptedException e) {
            if (!pulse.stopping()) {
                throw e;
            }
        }
    }

    /** @return false when there is no such round, or when asked to stop */
    private boolean reinforce(int number, Pulse pulse) throws Exception {
        Optional<TrainingRound> round =
                number == 0 ? first(pulse) : TrainingRound.await(number, endOf(number - 1), context, pulse);
        if (round.isPresent()) {
            follow(reinforcement(round.get()), pulse);
        }
        return round.isPresent() && !pulse.stopping();
    }

    private Optional<TrainingRound> first(Pulse pulse) throws Exception {
        Optional<Adapter> agent = context.inputs().starts().agent();
        return agent.isEmpty()
                ? Optional.of(TrainingRound.FIRST)
                : new GivenAgent(context, fingerprint().startingFrom(agent.get().hash()))
                        .published(agent.get(), pulse)
                        .map(published -> new TrainingRound(0, 0, Optional.of(published)));
    }

    /** Offset of the training groups that a round before stopped at. */
    private long endOf(int number) {
        return new CheckpointStore(storage(number), 0, context.faults())
                .latest()
                .map(checkpoint -> checkpoint.facts().nextOffset())
                .orElse(0L);
    }

    private CheckpointStorage storage(int number) {
        return context.inputs().checkpoints().of(context.specialty(), number);
    }

    /** The course of a specialty in a round. */
    ReinforcementCourse reinforcement(TrainingRound round) {
        Fingerprint settings = fingerprint();
        Optional<String> given = round.agent()
                .map(PolicyUpdate::getAdapterHash)
                .or(() -> context.inputs().starts().of(context.specialty()).map(Adapter::hash));
        boolean folded = round.agent().isPresent() && context.task().foldAgent();
        return new ReinforcementCourse(
                context,
                given.map(hash -> folded ? settings.foldedOver(hash) : settings.startingFrom(hash))
                        .orElse(settings),
                round);
    }

    private Fingerprint fingerprint() {
        LearnerInputs inputs = context.inputs();
        return Fingerprint.of(
                context.config(),
                context.task(),
                trainingFileHash(),
                inputs.model().directory().hash(),
                inputs.model().precision());
    }

    /** @return false when there is no such round, or when asked to stop */
    private boolean consolidate(int number, Pulse pulse) throws Exception {
        long from = number == 0 ? 0 : endOf(number - 1);
        Optional<MergedStart> start = MergedStart.await(number, context, pulse);
        if (start.isPresent() && !start.get().judged()) {
            follow(consolidation(start.get(), new TrainingRound(number, from, Optional.empty())), pulse);
        }
        return start.isPresent() && !pulse.stopping();
    }

    private Course consolidation(MergedStart start, TrainingRound round) {
        LearnerInputs inputs = context.inputs();
        return new ConsolidationCourse(
                context,
                start,
                Fingerprint.ofConsolidation(
                        context.config(),
                        context.task(),
                        start.hashes(),
                        trainingFileHash(),
                        inputs.model().directory().hash(),
                        inputs.model().precision()),
                round);
    }

    /** Traces are imitated in the first round only; whatever was added since, its groups come by the log. */
    private String trainingFileHash() {
        try {
            return context.inputs().cases().training(0).sha256();
        } catch (CaseFileMismatchException e) {
            throw new UsageException("data_root: " + e.getMessage(), e);
        }
    }

    @SuppressWarnings("try") // the claim is only held
    private void follow(Course course, Pulse pulse) throws Exception {
        CheckpointStorage storage = storage(course.round().number());
        try (CheckpointStorage.Claim claimed = storage.claim()) {
            LineageReader published = new LineageReader(
                    context.run().kafka(),
                    context.specialty(),
                    context.deadLetters(),
                    context.inputs().recorded().map(RecordedSamples::sampledBy).orElse(Set.of()));
            CheckpointStore checkpoints = new CheckpointStore(storage, course.origin(), context.faults());
            String log = published.topicId();
            // Looked at before anybody is fenced: a learner that cannot go on must not stop one that does.
            Optional<Lineage> seen = published.read(pulse);
            if (seen.isEmpty()) {
                return;
            }
            Optional<Checkpoint> found = resume(course, checkpoints, seen.get(), log);
            boolean last = course.round().number() == context.task().rounds() - 1;
            if (!last && found.filter(newest -> over(newest, seen.get())).isPresent()) {
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

    /** Whether a round has ended, and its end stands on the log. */
    private static boolean over(Checkpoint newest, Lineage lineage) {
        return newest.facts().finalVersion()
                && lineage.holds(newest.version(), newest.trained().adapter().hash());
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
        long published = lineage.newestUpTo(course.last());
        if (published > newest.map(Checkpoint::version).orElse(course.given())) {
            throw new UsageException(
                    "version %d of %s is on the log, but %s holds %s; restore the checkpoints or start a new run"
                            .formatted(
                                    published,
                                    context.specialty(),
                                    checkpoints.location(),
                                    newest.map(checkpoint -> "version " + checkpoint.version() + " at most")
                                            .orElse("no checkpoint")));
        }
        newest.ifPresent(checkpoint -> {
            course.fingerprint().requireMadeBySame(checkpoint.facts());
            requireOfThisLog(checkpoint, course, lineage, log);
        });
        return newest;
    }

    /** What another log's learner left behind is not published here, and nothing is published over a hole. */
    private void requireOfThisLog(Checkpoint checkpoint, Course course, Lineage lineage, String log) {
        String whose = "the checkpoint of %s, version %d, ".formatted(context.specialty(), checkpoint.version());
        if (!log.equals(checkpoint.facts().log())) {
            throw new UsageException(whose
                    + "belongs to another log: topic %s of run %s was recreated, or this is another run; "
                            .formatted(
                                    Topics.POLICY_UPDATES.baseName(),
                                    context.run().runId())
                    + "use that log, or "
                    + (context.inputs().checkpoints().shared() ? "another run_id" : "a new run directory"));
        }
        long version = checkpoint.version();
        if (lineage.at(version).isPresent()) {
            if (!lineage.holds(version, checkpoint.trained().adapter().hash())) {
                throw new UsageException(whose + "is not the adapter that this log names; it belongs to another run");
            }
        } else if (version > course.origin()
                && !lineage.holds(version - 1, checkpoint.facts().parentHash())) {
            throw new UsageException(
                    whose + "was made from version " + (version - 1) + ", which is not on this log; start a new run");
        }
    }
}
