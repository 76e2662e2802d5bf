package ai.consilium.learner;

import ai.consilium.cases.CaseFile;
import ai.consilium.learner.GroupFeed.Batch;
import ai.consilium.learner.GroupJudge.Verdict;
import ai.consilium.platform.RunContext;
import ai.consilium.platform.ServiceThread.Flow;
import ai.consilium.platform.ServiceThread.Pulse;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.policy.Adapter;
import ai.consilium.policy.Trainer;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * One specialty's expert from its start to its final version: resume or adapt, then batch after batch. Every version is a
 * checkpoint first and a publication second, and the checkpoint's next offset alone decides which groups come next.
 */
final class LearnerLoop implements Flow {
    private final RunContext context;
    private final String specialty;
    private final LearnerConfig config;
    private final LearnerTask task;
    private final LearnerInputs inputs;
    private final LearnerReport report;
    private final DeadLetters deadLetters;
    private final FaultPoint.Plan faults;
    private final CheckpointStore checkpoints;
    private final Lineage lineage;

    LearnerLoop(
            RunContext context,
            String specialty,
            LearnerConfig config,
            LearnerTask task,
            LearnerInputs inputs,
            LearnerReport report,
            DeadLetters deadLetters,
            FaultPoint.Plan faults) {
        this.context = context;
        this.specialty = specialty;
        this.config = config;
        this.task = task;
        this.inputs = inputs;
        this.report = report;
        this.deadLetters = deadLetters;
        this.faults = faults;
        this.checkpoints = new CheckpointStore(inputs.checkpoints().resolve(specialty), faults);
        this.lineage = new Lineage(specialty);
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        CaseFile training = inputs.cases().file(inputs.trainFile());
        Fingerprint fingerprint = Fingerprint.of(
                config, task, training.sha256(), inputs.model().directory().hash());
        try (Publisher publisher = new Publisher(context, specialty, faults)) {
            publisher.open();
            if (!new LineageReader(context.kafka(), deadLetters).read(lineage, pulse)) {
                return;
            }
            Optional<Checkpoint> start = resume(fingerprint);
            if (start.isEmpty()) {
                start = adapt(training, fingerprint, pulse);
            }
            if (start.isPresent()) {
                publishIfMissing(start.get(), publisher);
                reinforce(start.get(), publisher, pulse);
            }
        } catch (InterruptedException e) {
            if (!pulse.stopping()) {
                throw e;
            }
        }
    }

    private Optional<Checkpoint> resume(Fingerprint fingerprint) {
        Optional<Checkpoint> newest = checkpoints.latest();
        long version = newest.map(Checkpoint::version).orElse(-1L);
        if (lineage.newest() > version) {
            throw new UsageException("version %d of %s is on the log, but %s holds %s; restore the checkpoints or start a new run"
                    .formatted(
                            lineage.newest(),
                            specialty,
                            inputs.checkpoints().resolve(specialty),
                            version < 0 ? "no checkpoint" : "version " + version + " at most"));
        }
        newest.ifPresent(checkpoint -> {
            fingerprint.requireMadeBySame(checkpoint.facts());
            String hash = checkpoint.trained().adapter().hash();
            lineage.at(version).filter(update -> !update.getAdapterHash().equals(hash)).ifPresent(update -> {
                throw new UsageException("the checkpoint of %s, version %d, is not the adapter that this log names; it belongs to another run"
                        .formatted(specialty, version));
            });
            report.phase("resumed", "goes on from version " + version);
        });
        return newest;
    }

    private Optional<Checkpoint> adapt(CaseFile training, Fingerprint fingerprint, Pulse pulse)
            throws InterruptedException {
        try (DomainAdaptation adaptation = new DomainAdaptation(
                inputs.model(),
                inputs.compute(),
                inputs.encoder(),
                inputs.trainFile(),
                training,
                specialty,
                config,
                task.seed())) {
            int steps = config.dsa().steps();
            report.phase("dsa", "adapts to %d traces in %d steps".formatted(adaptation.traces(), steps));
            AdaptationProgress progress = new AdaptationProgress(steps, report, pulse);
            Optional<Adapter> adapted = adaptation.run(progress);
            return adapted.isEmpty()
                    ? Optional.empty()
                    : Optional.of(startingPoint(adapted.get(), progress.figures(), fingerprint));
        }
    }

    /** Version 0: the adapted weights under an optimiser that has seen nothing. */
    private Checkpoint startingPoint(Adapter adapted, Map<String, Double> figures, Fingerprint fingerprint) {
        try (Trainer fresh = new Trainer(inputs.model(), inputs.compute(), adapted, config.adamW())) {
            Checkpoint checkpoint = new Checkpoint(
                    fresh.state(),
                    new Checkpoint.Facts(
                            specialty,
                            0,
                            task.steps() == 0,
                            "",
                            0,
                            0,
                            List.of(),
                            figures,
                            fingerprint.hash(),
                            fingerprint.config(),
                            fingerprint.modelHash()));
            checkpoints.write(checkpoint);
            return checkpoint;
        }
    }

    private void publishIfMissing(Checkpoint checkpoint, Publisher publisher) {
        if (lineage.newest() < checkpoint.version()) {
            publish(checkpoint, publisher);
        }
    }

    private void publish(Checkpoint checkpoint, Publisher publisher) {
        long superseded = checkpoint.version() - config.ckpt().keepLast();
        // Version 0 stays: the end of the run is compared with it.
        Optional<PolicyUpdate> old = superseded > 0 ? lineage.at(superseded) : Optional.empty();
        lineage.add(publisher.publish(checkpoint, old));
        checkpoints.prune(config.ckpt().keepLast());
        report.published(
                checkpoint.version(), task.steps(), checkpoint.facts().figures());
    }

    private void reinforce(Checkpoint start, Publisher publisher, Pulse pulse) throws InterruptedException {
        int partition = Topics.specialtyPartition(context.specialties(), specialty);
        Map<Integer, Long> from = Map.of(partition, start.facts().nextOffset());
        GroupJudge judge =
                new GroupJudge(specialty, task.maxOffPolicySteps(), lineage, inputs.cases(), inputs.encoder()::encode);
        try (Trainer trainer =
                        new Trainer(inputs.model(), inputs.compute(), start.trained().adapter(), config.adamW());
                LogReader<TrainingGroup> reader = new LogReader<>(
                        context.kafka(), Topics.TRAINING_GROUPS, TrainingGroup.class, deadLetters, partition, from)) {
            trainer.restore(start.trained());
            GroupFeed feed = new GroupFeed(specialty, reader, judge, refusal -> refuse(refusal, publisher));
            Checkpoint current = start;
            while (!current.facts().finalVersion()) {
                Optional<Batch> batch = feed.take(task.batchSize(), current.version(), pulse);
                if (batch.isEmpty()) {
                    return;
                }
                current = step(current, batch.get(), trainer);
                checkpoints.write(current);
                publish(current, publisher);
                pulse.beat();
            }
            report.phase("finished", "version " + current.version() + " is final");
        }
    }

    private void refuse(Verdict.Refused refusal, Publisher publisher) {
        publisher.refuse(refusal.record(), refusal.outcome(), refusal.reason());
        report.refused(refusal.record().getGroupId(), refusal.outcome(), refusal.reason());
    }

    private Checkpoint step(Checkpoint before, Batch batch, Trainer trainer) throws InterruptedException {
        long version = before.version() + 1;
        double rate = LearningRate.at(
                config.rl().learningRate(),
                version,
                task.steps(),
                config.rl().warmupSteps(),
                config.rl().finalLrFraction());
        faults.reach(FaultPoint.FORWARD, version);
        long start = System.nanoTime();
        Map<String, Double> trained = trainer.policyStep(
                batch.groups().stream().map(Verdict.Usable::group).toList(), config.objective(), rate);
        double seconds = (System.nanoTime() - start) / 1e9;
        faults.reach(FaultPoint.BACKWARD, version);
        SortedMap<String, Double> figures =
                StepFigures.of(batch.groups(), trained, rate, seconds, batch.waitSeconds());
        Checkpoint.Facts facts = before.facts();
        return new Checkpoint(
                trainer.state(),
                new Checkpoint.Facts(
                        specialty,
                        version,
                        version >= task.steps(),
                        before.trained().adapter().hash(),
                        facts.nextOffset(),
                        batch.nextOffset(),
                        batch.groups().stream()
                                .map(usable -> usable.record().getGroupId())
                                .toList(),
                        figures,
                        facts.configHash(),
                        facts.config(),
                        facts.modelHash()));
    }
}
