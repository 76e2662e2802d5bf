package ai.consilium.learner;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.context.LearnerReport;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.util.List;

/** The learner role: any set of specialties over one copy of the base, a thread each. */
public final class LearnerService implements Service {
    private static final String ROLE = LearnerContext.ROLE;

    private final RunEvents events;
    private final DeadLetters deadLetters;
    private final List<ServiceThread> threads;

    /**
     * Prepares the learners of some specialties.
     *
     * @param specialties that this process trains: a subset of the context's
     * @throws IllegalArgumentException for a specialty that the run does not have
     */
    public LearnerService(
            RunContext context,
            List<String> specialties,
            LearnerConfig config,
            LearnerTask task,
            LearnerInputs inputs) {
        this(context, specialties, config, task, inputs, FaultPoint.Plan.fromSystemProperty());
    }

    LearnerService(
            RunContext context,
            List<String> specialties,
            LearnerConfig config,
            LearnerTask task,
            LearnerInputs inputs,
            FaultPoint.Plan faults) {
        specialties.forEach(context.policies()::partition);
        this.events = new RunEvents(context, ROLE);
        this.deadLetters = new DeadLetters(context.kafka(), ROLE);
        this.threads = specialties.stream()
                .map(specialty -> new ServiceThread(
                        ROLE + "-" + specialty,
                        new LearnerLifecycle(new LearnerContext(
                                context,
                                specialty,
                                config,
                                task,
                                inputs,
                                new LearnerReport(specialty, events, context.metrics()),
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
