package ai.consilium.learner.course;

import ai.consilium.learner.checkpoint.Fingerprint;
import ai.consilium.learner.context.Ground;
import ai.consilium.learner.publish.Publisher;
import ai.consilium.learner.rl.GroupAdmission.Verdict.Usable;
import ai.consilium.platform.run.TrainingPlan;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.exchange.PartExchange;
import ai.consilium.policy.training.Trainer;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.function.Supplier;

/** From a start, step by step, to a last version. What is done around each step is the same for all: the training loop's. */
public interface Course {
    /**
     * Where it begins.
     *
     * @param adapter under an optimiser that has seen nothing
     * @param figures of how it came about
     */
    record Start(Adapter adapter, Map<String, Double> figures) {}

    /** What its adapters lie over; to be given back. */
    Ground ground();

    /** What its groups are for, one of {@link ai.consilium.schemas.Purpose}. */
    String purpose();

    /** Whether completions that were cut at the limit teach nothing. */
    boolean masksTruncated();

    /** Which time round it is. */
    TrainingRound round();

    /** How many steps, of how many groups, how far behind. */
    TrainingPlan plan();

    /** Version that it begins with. */
    long origin();

    /** Newest version that is on the log before this learner publishes one, -1 for none. */
    long given();

    /** The settings that its weights depend on. */
    Fingerprint fingerprint();

    /** How its steps are called on the log. */
    UpdateKind kind();

    /** Versions of others that a version of it is made from as well. */
    List<Parent> teachers();

    /** Versions of others that its first version is, where this learner publishes that; empty for a supervised start. */
    List<Parent> startParents();

    /**
     * Makes the start, or waits for it.
     *
     * @param publisher of the policy's versions
     * @return empty when asked to stop before
     */
    Optional<Start> start(Publisher publisher, Pulse pulse) throws InterruptedException;

    /**
     * Gets ready to take steps.
     *
     * @param origin the adapter of the first version, asked only by who needs it
     */
    Steps steps(Supplier<Adapter> origin);

    /** Takes them. */
    interface Steps extends AutoCloseable {
        /**
         * One step.
         *
         * @param version that it makes
         * @param rate learning rate
         * @param others that may compute parts of it; a course may have them all computed here
         * @return figures of the step
         * @throws ai.consilium.policy.training.NonFiniteGradientException when its gradient is not finite; nothing has changed
         */
        SortedMap<String, Double> take(
                Trainer trainer, List<Usable> groups, long version, double rate, PartExchange others)
                throws InterruptedException;

        @Override
        void close();
    }

    /** Learning rate of a step, from 1. */
    double rate(long step);

    /** Its last version. */
    default long last() {
        return origin() + plan().steps();
    }
}
