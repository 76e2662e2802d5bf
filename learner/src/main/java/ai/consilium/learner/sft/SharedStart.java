package ai.consilium.learner.sft;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.UsageException;
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
        return start.isEmpty() ? make(pulse) : start.map(this::fetch);
    }

    private Optional<Adapter> make(Pulse pulse) throws InterruptedException {
        int steps = context.config().dsa().sharedSteps();
        try (DomainAdaptation adaptation = DomainAdaptation.shared(
                context.inputs(),
                context.run().specialties(),
                context.config(),
                context.task().plan().seed())) {
            context.report()
                    .phase(
                            Phases.DSA,
                            "training the shared start of all experts on %d traces in %d steps"
                                    .formatted(adaptation.traces(), steps));
            AdaptationProgress progress = new AdaptationProgress(steps, context.report(), pulse);
            Optional<Adapter> made = adaptation.run(steps, progress);
            made.ifPresent(adapter -> publisher.publishShared(adapter, progress.figures(), fingerprint.hash()));
            return made;
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
