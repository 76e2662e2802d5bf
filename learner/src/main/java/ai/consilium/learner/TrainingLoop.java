package ai.consilium.learner;

import ai.consilium.learner.checkpoint.Checkpoint;
import ai.consilium.learner.checkpoint.CheckpointStore;
import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.rl.BatchReader;
import ai.consilium.learner.rl.BatchReader.Batch;
import ai.consilium.learner.rl.GroupAdmission;
import ai.consilium.learner.rl.GroupAdmission.Verdict;
import ai.consilium.learner.rl.NormalisedBatch;
import ai.consilium.learner.rl.StepMetrics;
import ai.consilium.learner.sft.AdaptationProgress;
import ai.consilium.learner.sft.DomainAdaptation;
import ai.consilium.learner.sft.SharedStart;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.ModelException;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.TrainingGroup;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/**
 * What a learner does once the specialty is its own: adaptation, then step after step. Every version is a checkpoint first and
 * a publication second, and the checkpoint's next offset alone decides which groups come next.
 */
final class TrainingLoop {
    private final LearnerContext bench;
    private final Fingerprint fingerprint;
    private final CheckpointStore checkpoints;
    private final Lineage lineage;
    private final String log;
    private final Publisher publisher;

    /** @param log id of the topic that its versions stand on */
    TrainingLoop(
            LearnerContext bench,
            Fingerprint fingerprint,
            CheckpointStore checkpoints,
            Lineage lineage,
            String log,
            Publisher publisher) {
        this.bench = bench;
        this.fingerprint = fingerprint;
        this.checkpoints = checkpoints;
        this.lineage = lineage;
        this.log = log;
        this.publisher = publisher;
    }

    /** Goes on from a checkpoint, or from the base model, to the final version or until asked to stop. */
    void run(Optional<Checkpoint> resumed, Pulse pulse) throws InterruptedException {
        resumed.ifPresent(
                checkpoint -> bench.report().phase(Phases.RESUMED, "resuming from version " + checkpoint.version()));
        Optional<Checkpoint> start = resumed.isPresent() ? resumed : adapt(pulse);
        if (start.isPresent()) {
            if (lineage.newest() < start.get().version()) {
                publish(start.get());
            }
            reinforce(start.get(), pulse);
        }
    }

    private Optional<Checkpoint> adapt(Pulse pulse) throws InterruptedException {
        Optional<Adapter> shared = new SharedStart(bench, fingerprint, publisher).take(pulse);
        return shared.isEmpty() ? Optional.empty() : adapt(shared.get(), pulse);
    }

    private Optional<Checkpoint> adapt(Adapter initial, Pulse pulse) throws InterruptedException {
        try (DomainAdaptation adaptation = DomainAdaptation.of(
                bench.inputs(),
                bench.specialty(),
                bench.config(),
                bench.task().plan().seed(),
                initial)) {
            int steps = bench.config().dsa().steps();
            bench.report().phase(Phases.DSA, "adapting to %d traces in %d steps".formatted(adaptation.traces(), steps));
            AdaptationProgress progress = new AdaptationProgress(steps, bench.report(), pulse);
            Optional<Adapter> adapted = adaptation.run(steps, progress);
            return adapted.isEmpty() ? Optional.empty() : Optional.of(startingPoint(adapted.get(), progress.figures()));
        }
    }

    /** Version 0: the adapted weights under an optimiser that has seen nothing. */
    private Checkpoint startingPoint(Adapter adapted, Map<String, Double> figures) {
        try (Trainer fresh = new Trainer(
                bench.inputs().model(),
                bench.inputs().compute(),
                adapted,
                bench.config().adamW())) {
            Checkpoint checkpoint = new Checkpoint(
                    fresh.state(),
                    new Checkpoint.Facts(
                            bench.specialty(),
                            0,
                            false,
                            "",
                            0,
                            0,
                            List.of(),
                            figures,
                            fingerprint.hash(),
                            fingerprint.config(),
                            fingerprint.modelHash(),
                            log));
            checkpoints.write(checkpoint);
            return checkpoint;
        }
    }

    private void publish(Checkpoint checkpoint) {
        long superseded = checkpoint.version() - bench.config().ckpt().keepLast();
        // Version 0 stays: the end of the run is compared with it.
        Optional<PolicyUpdate> old = superseded > 0 ? lineage.at(superseded) : Optional.empty();
        lineage.add(publisher.publish(checkpoint, old));
        checkpoints.prune(bench.config().ckpt().keepLast());
        bench.report()
                .published(
                        checkpoint.version(),
                        bench.task().plan().steps(),
                        checkpoint.facts().figures());
    }

    private void reinforce(Checkpoint start, Pulse pulse) throws InterruptedException {
        int partition = bench.context().policies().partition(bench.specialty());
        Map<Integer, Long> from = Map.of(partition, start.facts().nextOffset());
        GroupAdmission judge = new GroupAdmission(
                bench.specialty(),
                bench.task(),
                bench.inputs().model().vocabulary(),
                lineage,
                bench.inputs().cases(),
                bench.inputs().encoder()::encode);
        Optional<Adapter> reference = reference();
        try (Trainer trainer = new Trainer(
                        bench.inputs().model(),
                        bench.inputs().compute(),
                        start.trained().adapter(),
                        bench.config().adamW());
                LogReader<TrainingGroup> reader = new LogReader<>(
                        bench.context().kafka(),
                        Topics.TRAINING_GROUPS,
                        TrainingGroup.class,
                        bench.deadLetters(),
                        partition,
                        from)) {
            trainer.restore(start.trained());
            BatchReader feed = new BatchReader(bench.specialty(), reader, judge, this::refuse);
            Checkpoint current = start;
            while (!current.facts().finalVersion()) {
                Optional<Batch> batch = feed.take(bench.task().plan().batchSize(), current.version(), pulse);
                if (batch.isEmpty()) {
                    return;
                }
                current = step(current, batch.get(), trainer, reference);
                checkpoints.write(current);
                publish(current);
                pulse.beat();
            }
            bench.report().phase(Phases.FINISHED, "version " + current.version() + " is final");
        }
    }

    private Map<String, Double> train(
            List<Verdict.Usable> groups, long version, Trainer trainer, Optional<Adapter> reference, double rate)
            throws InterruptedException {
        try {
            return trainer.policyStep(
                    groups.stream().map(Verdict.Usable::group).toList(),
                    bench.config().loss().objective(bench.task().maxCompletionTokens()),
                    reference,
                    bench.config().rl().numIterations(),
                    rate);
        } catch (ModelException e) {
            List<String> ids =
                    groups.stream().map(usable -> usable.record().getGroupId()).toList();
            throw new ModelException(
                    "version %d of %s cannot be computed from the groups %s: %s; version %d remains the newest"
                            .formatted(version, bench.specialty(), ids, e.getMessage(), version - 1),
                    e);
        }
    }

    private void refuse(Verdict.Refused refusal) {
        publisher.refuse(refusal.record(), refusal.outcome(), refusal.reason());
        bench.report().refused(refusal.record().getGroupId(), refusal.outcome(), refusal.reason());
    }

    /** What the penalty of the loss is measured from: version 0, whose checkpoint is never removed. */
    private Optional<Adapter> reference() {
        if (bench.config().loss().klCoef() == 0) {
            return Optional.empty();
        }
        Optional<Adapter> start = checkpoints
                .read(0)
                .map(checkpoint -> checkpoint.trained().adapter())
                .filter(adapter -> lineage.holds(0, adapter.hash()));
        if (start.isEmpty()) {
            throw new UsageException(
                    "loss.kl_coef is above 0, but the checkpoint of %s, version 0, which it needs as the reference, is "
                                    .formatted(bench.specialty())
                            + "missing or damaged; restore it or set loss.kl_coef to 0 in a new run");
        }
        return start;
    }

    private Checkpoint step(Checkpoint before, Batch batch, Trainer trainer, Optional<Adapter> reference)
            throws InterruptedException {
        long version = before.version() + 1;
        double rate = bench.config().rl().rate(version, bench.task().plan().steps());
        NormalisedBatch normalised = NormalisedBatch.of(batch.groups());
        bench.faults().reach(FaultPoint.FORWARD, version);
        long start = System.nanoTime();
        Map<String, Double> trained = train(normalised.groups(), version, trainer, reference, rate);
        double seconds = (System.nanoTime() - start) / 1e9;
        bench.faults().reach(FaultPoint.BACKWARD, version);
        SortedMap<String, Double> figures =
                StepMetrics.of(normalised.groups(), trained, rate, seconds, batch.waitSeconds());
        figures.putAll(normalised.figures());
        Checkpoint.Facts facts = before.facts();
        return new Checkpoint(
                trainer.state(),
                new Checkpoint.Facts(
                        bench.specialty(),
                        version,
                        version >= bench.task().plan().steps(),
                        before.trained().adapter().hash(),
                        facts.nextOffset(),
                        batch.nextOffset(),
                        batch.groups().stream()
                                .map(usable -> usable.record().getGroupId())
                                .toList(),
                        figures,
                        facts.fingerprintHash(),
                        facts.config(),
                        facts.modelHash(),
                        facts.log()));
    }
}
