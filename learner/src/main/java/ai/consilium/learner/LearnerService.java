package ai.consilium.learner;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.context.LearnerReport;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.util.List;

/** The learner role: any set of specialties over one copy of the base, a thread each, and one for the unified agent. */
public final class LearnerService implements Service {
    private static final String ROLE = LearnerContext.ROLE;

    private final RunEvents events;
    private final DeadLetters deadLetters;
    private final List<ServiceThread> threads;

    /**
     * Prepares the learners of some policies.
     *
     * @param policies that this process trains: specialties of the context, and the unified agent where the experts are
     *     consolidated
     * @throws IllegalArgumentException for a policy that the run does not have
     */
    public LearnerService(
            RunContext context, List<String> policies, LearnerConfig config, LearnerTask task, LearnerInputs inputs) {
        this(context, policies, config, task, inputs, FaultPoint.Plan.fromSystemProperty());
    }

    LearnerService(
            RunContext context,
            List<String> policies,
            LearnerConfig config,
            LearnerTask task,
            LearnerInputs inputs,
            FaultPoint.Plan faults) {
        policies.forEach(context.policies()::partition);
        this.events = new RunEvents(context, ROLE);
        this.deadLetters = new DeadLetters(context.kafka(), ROLE);
        this.threads = policies.stream()
                .map(policy -> new ServiceThread(
                        ROLE + "-" + policy,
                        new LearnerLifecycle(new LearnerContext(
                                context,
                                policy,
                                config,
                                task,
                                inputs,
                                new LearnerReport(
                                        policy,
                                        policy.equals(Topics.UNIFIED) ? Phases.CONSOLIDATION : Phases.REINFORCEMENT,
                                        events,
                                        context.metrics()),
                                deadLetters,
                                faults))))
                .toList();
    }

    @Override
    public String role() {
        return ROLE;
    }

    @Override
    public void start() {
        threads.forEach(ServiceThread::start);
    }

    @Override
    public List<ServiceThread> threads() {
        return threads;
    }

    @Override
    public void close() {
        threads.forEach(ServiceThread::close);
        deadLetters.close();
        events.close();
    }
}
