package ai.consilium.learner;

import ai.consilium.learner.checkpoint.OvertakenException;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.lease.Lease;
import ai.consilium.learner.lease.Leases;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.FencedException;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One policy in a process that shares its checkpoints with other learners of the run: trains it while this process holds its
 * lease, from whatever checkpoint there is, and stands by otherwise, until the policy is final; where it may, it helps the one who
 * holds the lease meanwhile ({@link StepHelper}). A learner that was fenced waits for a new lease and fences nobody back.
 */
final class LeasedLearner implements Flow {
    private static final Logger LOG = LoggerFactory.getLogger(LeasedLearner.class);
    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final LearnerContext context;
    private final Leases leases;

    LeasedLearner(LearnerContext context, Leases leases) {
        this.context = context;
        this.leases = leases;
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        try {
            boolean ended = false;
            while (!ended && !pulse.stopping()) {
                Optional<Lease> lease = await(pulse);
                ended = lease.isEmpty() || train(lease.get(), pulse);
            }
        } finally {
            leases.giveUp(context.specialty());
        }
    }

    /** @return empty when the policy is final, or when asked to stop */
    private Optional<Lease> await(Pulse pulse) throws InterruptedException {
        Optional<Lease> lease = leases.of(context.specialty());
        if (lease.isPresent()) {
            return lease;
        }
        try (LogReader<PolicyUpdate> reader = new LogReader<>(
                        context.run().kafka(),
                        Topics.POLICY_UPDATES,
                        PolicyUpdate.class,
                        context.deadLetters(),
                        0,
                        Map.of());
                @Nullable StepHelper helper = helps() ? new StepHelper(context) : null) {
            while (lease.isEmpty() && !pulse.stopping()) {
                pulse.idle("the lease of " + context.specialty() + ", which another learner may hold");
                List<PolicyUpdate> updates = reader.poll(helper == null ? PATIENCE : StepHelper.LOOK).stream()
                        .map(ConsumerRecord::value)
                        .toList();
                if (updates.stream().anyMatch(this::ends)) {
                    return Optional.empty();
                }
                if (helper != null) {
                    updates.forEach(helper::heard);
                    helper.help(pulse);
                }
                lease = leases.of(context.specialty());
            }
        }
        pulse.beat();
        return lease;
    }

    /** Consolidation, which is short, is not shared. */
    private boolean helps() {
        return context.config().learner().help() && !context.specialty().equals(Topics.UNIFIED);
    }

    /** Whether nothing comes after an update. */
    private boolean ends(PolicyUpdate update) {
        return UnifiedAgent.endsRun(update)
                || update.getSpecialty().equals(context.specialty())
                        && update.getFinalVersion()
                        && update.getRound() == context.task().rounds() - 1;
    }

    /** @return whether the policy is final */
    private boolean train(Lease lease, Pulse pulse) throws Exception {
        if (!lease.begin()) {
            return false;
        }
        try {
            Pulse leased = new LeasedPulse(pulse, lease);
            new LearnerLifecycle(context).run(leased);
            return !leased.stopping();
        } catch (OvertakenException e) {
            // Whoever wrote it had the lease before. It was not published, or this learner would not have begun there.
            LOG.atInfo().addKeyValue("reason", e.getMessage()).log("going on from another learner's checkpoint");
            return false;
        } catch (FencedException e) {
            if (lease.awaitLoss(Leases.LEASE.multipliedBy(2))) {
                return standBy(e);
            }
            // By a learner that asks for no lease.
            throw e;
        } catch (Exception e) {
            if (lease.held() || pulse.stopping()) {
                throw e;
            }
            return standBy(e);
        } finally {
            lease.end();
        }
    }

    private boolean standBy(Exception e) {
        LOG.atInfo()
                .addKeyValue("policy", context.specialty())
                .addKeyValue("reason", e.getMessage())
                .log("another learner has taken over; standing by");
        return false;
    }

    /** A wish to stop when the lease is lost. */
    private record LeasedPulse(Pulse pulse, Lease lease) implements Pulse {
        @Override
        public boolean stopping() {
            return pulse.stopping() || !lease.held();
        }

        @Override
        public void beat() {
            pulse.beat();
        }

        @Override
        public void waitingFor(String cause) {
            pulse.waitingFor(cause);
        }

        @Override
        public void idle(String cause) {
            pulse.idle(cause);
        }

        @Override
        public void pause(Duration duration) throws InterruptedException {
            pulse.pause(duration);
        }
    }
}
