package ai.consilium.learner.course;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.lineage.Lineage;
import ai.consilium.learner.lineage.LineageReader;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.util.Map;
import java.util.Optional;

/**
 * An agent of another run that the experts of this one begin as: published by the learner of the first specialty as version 0 of
 * the unified agent, so that everybody has it from this run's log.
 *
 * @param fingerprint settings of that learner
 */
public record GivenAgent(LearnerContext context, Fingerprint fingerprint) {
    /**
     * The agent on this run's log: publishes it, or waits for it.
     *
     * @return empty when asked to stop before
     * @throws UsageException when another one is there
     */
    public Optional<PolicyUpdate> published(Adapter agent, Pulse pulse) throws Exception {
        if (context.specialty().equals(context.maker())) {
            publish(agent, pulse);
        }
        Optional<PolicyUpdate> start = context.await(
                "the given agent, which the learner of " + context.maker() + " publishes",
                UnifiedAgent::isStart,
                pulse);
        start.filter(update -> !update.getAdapterHash().equals(agent.hash())).ifPresent(update -> {
            throw new UsageException(
                    "start.agent: the experts of this run begin as an agent with hash %s, but here it is one with hash %s"
                            .formatted(update.getAdapterHash(), agent.hash()));
        });
        return start;
    }

    private void publish(Adapter agent, Pulse pulse) throws Exception {
        LineageReader log = new LineageReader(context.run().kafka(), Topics.UNIFIED, context.deadLetters());
        // Looked at before anybody is fenced: one that is there already was published by a learner that may be at work.
        if (missing(log, pulse)) {
            TransactionalWriter.hold(
                    context.run(), "learner-" + context.specialty(), "learner of " + context.specialty(), writer -> {
                        if (missing(log, pulse)) {
                            context.report()
                                    .phase(
                                            Phases.DSA,
                                            "starting from an agent of rank %d of another run".formatted(agent.rank()));
                            new Publisher(context.run(), context.specialty(), context.faults(), writer)
                                    .publishShared(agent, Map.of(), fingerprint.hash());
                        }
                    });
        }
    }

    /** @return false, too, when asked to stop before all was read */
    private static boolean missing(LineageReader log, Pulse pulse) throws InterruptedException {
        return log.read(pulse).map(Lineage::newest).filter(newest -> newest < 0).isPresent();
    }
}
