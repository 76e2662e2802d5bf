package ai.consilium.learner.sft;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.util.Optional;

/**
 * The adapter that every expert of a run starts from (docs/adr/0006): made by the learner of the first specialty, published as
 * version 0 of the unified agent, waited for by the others. The merger takes it off before it merges.
 */
public final class SharedStart {
    private final LearnerContext context;
    private final Fingerprint fingerprint;
    private final Publisher publisher;

    public SharedStart(LearnerContext context, Fingerprint fingerprint, Publisher publisher) {
        this.context = context;
        this.fingerprint = fingerprint;
        this.publisher = publisher;
    }

    /**
     * Takes it from the log, or makes it.
     *
     * @return empty when asked to stop before
     * @throws UsageException when the one on the log was made with other settings
     */
    public Optional<Adapter> take(Pulse pulse) throws InterruptedException {
        if (context.config().dsa().sharedSteps() == 0) {
            return Optional.of(DomainAdaptation.initial(
                    context.inputs(), context.config(), context.task().plan().seed()));
        }
        if (!context.specialty().equals(context.maker())) {
            return context.await(
                            "the shared start, which the learner of " + context.maker() + " trains",
                            UnifiedAgent::isStart,
                            pulse)
                    .map(this::fetch);
        }
        Optional<Lineage> published =
                new LineageReader(context.run().kafka(), Topics.UNIFIED, context.deadLetters()).read(pulse);
        if (published.isEmpty()) {
            return Optional.empty();
        }
        Optional<PolicyUpdate> start = published.get().at(0);
        if (start.isPresent()) {
            try (AdapterLog<Adapter> log = context.adapters()) {
                restore(log, pulse);
            }
        }
        return start.isEmpty() ? make(pulse) : start.map(this::fetch);
    }

    /**
     * Trains it once more if it is gone from the log, where it was trained: the merger needs it at the end. It has the same bits where
     * the host is of the same kind.
     *
     * @param log of adapters
     */
    public void restore(AdapterLog<Adapter> log, Pulse pulse) throws InterruptedException {
        if (context.config().dsa().sharedSteps() == 0
                || !context.specialty().equals(context.maker())
                || !log.truncated(Topics.UNIFIED)) {
            return;
        }
        Optional<PolicyUpdate> start = new LineageReader(context.run().kafka(), Topics.UNIFIED, context.deadLetters())
                .read(pulse)
                .flatMap(unified -> unified.at(0))
                .filter(UnifiedAgent::isStart)
                .filter(published -> log.find(published).isEmpty());
        if (start.isEmpty()) {
            return;
        }
        Optional<Adapter> made =
                train(new AdaptationProgress(context.config().dsa().sharedSteps(), context.report(), pulse));
        if (made.isPresent() && made.get().hash().equals(start.get().getAdapterHash())) {
            publisher.republish(start.get(), made.get());
            context.report().phase(Phases.DSA, "the shared start was no longer on the log, and is there again");
        } else if (made.isPresent()) {
            context.report()
                    .phase(
                            Phases.DSA,
                            "the shared start is no longer on the log, and this host does not train the same: "
                                    + "the experts cannot be merged");
        }
    }

    private Optional<Adapter> make(Pulse pulse) throws InterruptedException {
        AdaptationProgress progress =
                new AdaptationProgress(context.config().dsa().sharedSteps(), context.report(), pulse);
        Optional<Adapter> made = train(progress);
        made.ifPresent(adapter -> publisher.publishShared(adapter, progress.figures(), fingerprint.hash()));
        return made;
    }

    private Optional<Adapter> train(AdaptationProgress progress) throws InterruptedException {
        int steps = context.config().dsa().sharedSteps();
        try (DomainAdaptation adaptation = DomainAdaptation.shared(
                context.inputs(),
                context.run().specialties(0),
                context.config(),
                context.task().plan().seed())) {
            context.report()
                    .phase(
                            Phases.DSA,
                            "training the shared start of all experts on %d traces in %d steps"
                                    .formatted(adaptation.traces(), steps));
            return adaptation.run(steps, progress);
        }
    }

    private Adapter fetch(PolicyUpdate start) {
        if (!start.getConfigHash().equals(fingerprint.hash())) {
            throw new UsageException("the shared start on the log was made by " + start.getWriter()
                    + " with settings that differ from those of the learner of " + context.specialty()
                    + "; use one configuration for all learners of a run");
        }
        return context.fetch(start);
    }
}
