package ai.consilium.learner.context;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.policy.format.FastSha256;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Everything that one specialty's learner works with.
 *
 * @param run what all services of the process share
 * @param specialty whose expert is trained
 * @param config how
 * @param task how far
 * @param inputs shared by the learners of the process
 * @param bases likewise
 * @param report where progress is told
 * @param deadLetters where unreadable records go
 * @param faults where a test makes it die
 */
public record LearnerContext(
        RunContext run,
        String specialty,
        LearnerConfig config,
        LearnerTask task,
        LearnerInputs inputs,
        FoldedBases bases,
        LearnerReport report,
        DeadLetters deadLetters,
        FaultPoint.Plan faults) {
    /** Role name. */
    public static final String ROLE = "learner";

    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** The specialty whose learner publishes what all experts start from. */
    public String maker() {
        return run.specialties().get(0);
    }

    /**
     * Waits for an update of any policy.
     *
     * @param what it is, for those who look at a learner that waits
     * @return empty when asked to stop before
     */
    public Optional<PolicyUpdate> await(String what, Predicate<PolicyUpdate> which, Pulse pulse) {
        Optional<PolicyUpdate> found = Optional.empty();
        try (LogReader<PolicyUpdate> reader =
                new LogReader<>(run.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, 0, Map.of())) {
            while (found.isEmpty()) {
                if (pulse.stopping()) {
                    return Optional.empty();
                }
                pulse.idle(what);
                found = reader.poll(PATIENCE).stream()
                        .map(record -> record.value())
                        .filter(which)
                        .findFirst();
            }
        }
        pulse.beat();
        return found;
    }

    /** A published adapter. */
    public Adapter fetch(PolicyUpdate update) {
        try (AdapterLog<Adapter> adapters = adapters()) {
            return adapters.fetch(update);
        }
    }

    /** The published adapters, for who fetches more than one; to be closed. */
    public AdapterLog<Adapter> adapters() {
        return new AdapterLog<>(
                run.kafka(),
                run.policies(),
                Adapter::fromSafetensors,
                Adapter::hash,
                Adapter::beside,
                FastSha256::digest);
    }
}
