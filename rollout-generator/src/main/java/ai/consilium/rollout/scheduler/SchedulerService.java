package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.cases.format.CaseException;
import ai.consilium.platform.UsageException;
import ai.consilium.platform.run.ConsolidationPlan;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.Service;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.ScoringConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides which case is sampled next and how many groups may be under way. Ends by itself when training is over. */
public final class SchedulerService implements Service {
    /** Role name. */
    public static final String ROLE = "scheduler";

    private final RunEvents events;
    private final ServiceThread thread;

    /** Of a run of which nobody offers to change what it is scored by, and whose books are kept nowhere. */
    public SchedulerService(
            RunContext context,
            SchedulerConfig config,
            ConsolidationPlan consolidation,
            ValidationPlan validation,
            int rounds,
            CaseLibrary library,
            ScoringConfig scoring) {
        this(
                context,
                config,
                consolidation,
                validation,
                rounds,
                library,
                scoring,
                ScoringOffers.NONE,
                Optional.empty());
    }

    /**
     * Reads the cases and checks that the configuration fits them.
     *
     * @param rounds how often experts are trained and made one; 0: until the run is told to stop
     * @param scoring what every group is scored by
     * @param offers what it may be scored by later
     * @param snapshot file in which its books are kept for the next start; empty: it reads the log from the beginning
     * @throws UsageException when the training or validation file cannot be used, or lacks a specialty
     */
    public SchedulerService(
            RunContext context,
            SchedulerConfig config,
            ConsolidationPlan consolidation,
            ValidationPlan validation,
            int rounds,
            CaseLibrary library,
            ScoringConfig scoring,
            ScoringOffers offers,
            Optional<Path> snapshot) {
        PromptStamp stamp = new PromptStamp(config, scoring.getHash());
        PromptPlan plan = new PromptPlan(
                stamp, consolidation, read(() -> library.usable(CaseLibrary.TRAINING_FILE)), context.policies());
        ExaminationPrompts examinations = validation.wanted()
                ? read(() -> new ExaminationPrompts(stamp, validation, library, context.specialties()))
                : null;
        this.events = new RunEvents(context, ROLE);
        this.thread = new ServiceThread(
                ROLE,
                new SchedulerLoop(
                        context,
                        config,
                        rounds,
                        round -> Pace.of(context.specialties(round), config, consolidation),
                        library,
                        plan,
                        examinations,
                        stamp,
                        scoring,
                        offers,
                        events,
                        snapshot));
    }

    private static <T> T read(Supplier<T> file) {
        try {
            return file.get();
        } catch (CaseException e) {
            throw new UsageException("data_root: " + e.getMessage(), e);
        }
    }

    @Override
    public String role() {
        return ROLE;
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
        events.close();
    }
}
