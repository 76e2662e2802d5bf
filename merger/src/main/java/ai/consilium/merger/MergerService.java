package ai.consilium.merger;

import ai.consilium.merger.gate.MergerInputs;
import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.report.ConflictFiles;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** The merger role: one thread that ends with the run. */
public final class MergerService implements Service {
    private final RunEvents events;
    private final DeadLetters deadLetters;
    private final ServiceThread thread;

    /**
     * Prepares the merger of a run.
     *
     * @param seed the run's
     * @param rounds how often experts are trained and made one; 0: until the run is told to stop
     * @param validation of the experts while they train
     * @param keepBest whether of each expert the version that did best is merged, else the last
     */
    public MergerService(
            RunContext context,
            MergerConfig config,
            long seed,
            int rounds,
            ValidationPlan validation,
            boolean keepBest,
            MergerInputs inputs) {
        this(
                context,
                config,
                seed,
                rounds,
                new ExpertChoice(validation, cases(context, validation, inputs), keepBest),
                round -> Validation.over(inputs, context.specialties(round)),
                round -> new CaseCalibration(inputs, context.specialties(round), config.calibration(), seed, round),
                new ConflictFiles(inputs.runDirectory()));
    }

    MergerService(
            RunContext context,
            MergerConfig config,
            long seed,
            int rounds,
            ExpertChoice choice,
            IntFunction<Validation> validation,
            IntFunction<Calibration> calibration,
            ConflictFiles conflictFiles) {
        this.events = new RunEvents(context, MergerLoop.ROLE);
        this.deadLetters = new DeadLetters(context.kafka(), MergerLoop.ROLE);
        this.thread = new ServiceThread(
                MergerLoop.ROLE,
                new MergerLoop(
                        context,
                        config,
                        rounds,
                        choice,
                        new ExpertMerger(config, seed, calibration, conflictFiles),
                        validation,
                        events,
                        deadLetters));
    }

    private static Map<String, Integer> cases(RunContext context, ValidationPlan validation, MergerInputs inputs) {
        Map<String, Integer> cases = new HashMap<>();
        if (validation.wanted()) {
            for (String specialty : context.specialties()) {
                long there = inputs.cases().file(inputs.validationFile()).cases().stream()
                        .filter(of -> of.specialty().equals(specialty))
                        .count();
                cases.put(specialty, validation.casesOf(there));
            }
        }
        return cases;
    }

    @Override
    public String role() {
        return MergerLoop.ROLE;
    }

    @Override
    public void start() {
        thread.start();
    }

    @Override
    public List<ServiceThread> threads() {
        return List.of(thread);
    }

    @Override
    public void close() {
        thread.close();
        deadLetters.close();
        events.close();
    }
}
