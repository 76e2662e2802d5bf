package ai.consilium.learner;

import ai.consilium.learner.checkpoint.FaultPoint;
import ai.consilium.learner.config.LearnerConfig;
import ai.consilium.learner.config.LearnerTask;
import ai.consilium.learner.context.FoldedBases;
import ai.consilium.learner.context.LearnerContext;
import ai.consilium.learner.context.LearnerInputs;
import ai.consilium.learner.context.LearnerReport;
import ai.consilium.learner.lease.Leases;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.List;

/**
 * The learner role: any set of specialties over one copy of the base, a thread each, and one for the unified agent. Where the
 * run's learners share their checkpoints, each policy is trained by the one that holds its lease.
 */
public final class LearnerService implements Service {
    private static final String ROLE = LearnerContext.ROLE;

    private final RunEvents events;
    private final DeadLetters deadLetters;
    private final List<ServiceThread> threads;

    /**
     * Prepares the learners of some policies.
     *
     * @param policies that this process trains, or would: specialties of the context, and the unified agent where the experts
     *     are consolidated
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
        FoldedBases bases = new FoldedBases(inputs.model());
        List<LearnerContext> learners = policies.stream()
                .map(policy -> new LearnerContext(
                        context,
                        policy,
                        config,
                        task,
                        inputs,
                        bases,
                        new LearnerReport(
                                policy,
                                policy.equals(Topics.UNIFIED) ? Phases.CONSOLIDATION : Phases.REINFORCEMENT,
                                events,
                                context.metrics()),
                        deadLetters,
                        faults))
                .toList();
        List<ServiceThread> made = new ArrayList<>();
        if (inputs.checkpoints().shared()) {
            Leases leases = new Leases(context, policies);
            learners.forEach(learner -> made.add(thread(learner.specialty(), new LeasedLearner(learner, leases))));
            // Closed after those that train under them.
            made.add(thread("leases", leases));
        } else {
            learners.forEach(learner -> made.add(thread(learner.specialty(), new LearnerLifecycle(learner))));
        }
        this.threads = List.copyOf(made);
    }

    private static ServiceThread thread(String name, Flow flow) {
        return new ServiceThread(ROLE + "-" + name, flow);
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
