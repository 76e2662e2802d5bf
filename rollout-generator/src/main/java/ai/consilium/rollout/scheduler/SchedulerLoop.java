package ai.consilium.rollout.scheduler;

import ai.consilium.cases.dataset.CaseLibrary;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.TopicIds;
import ai.consilium.platform.run.EarlyEnd;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.OutcomeFactory;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.run.ScoringOffers;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.rollout.scheduler.AdmissionController.OpenGroup;
import ai.consilium.rollout.scheduler.SchedulerLog.Keyed;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Purpose;
import ai.consilium.schemas.RunManifest;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The scheduler's flow: fence older schedulers, rebuild the state from the log, write the manifest and the scoring configuration,
 * then admit prompts as training makes room and examinations as versions come, until every policy has its last version and open groups
 * are ended as unused, or one gets no further.
 */
final class SchedulerLoop implements ServiceThread.Flow {
    private static final int RECORDS_PER_TRANSACTION = 256;

    private final RunContext context;
    private final SchedulerConfig config;
    private final int rounds;
    private final IntFunction<Map<String, Pace>> paces;
    private final CaseLibrary library;
    private final PromptPlan plan;
    private final @Nullable ExaminationPrompts examinations;
    private final PromptStamp stamp;
    private final ScoringConfig scoring;
    private final ScoringOffers offers;
    private final SchedulerMetrics metrics;
    private final RunEvents events;
    private final Optional<Path> snapshotFile;
    private final OutcomeFactory outcomes;

    /**
     * Over what the process shares.
     *
     * @param paces of the policies of a round
     * @param library that the plan's cases are from
     * @param examinations null where nothing is examined while training
     * @param snapshotFile where the books are kept for the next start; empty: nowhere
     */
    SchedulerLoop(
            RunContext context,
            SchedulerConfig config,
            int rounds,
            IntFunction<Map<String, Pace>> paces,
            CaseLibrary library,
            PromptPlan plan,
            @Nullable ExaminationPrompts examinations,
            PromptStamp stamp,
            ScoringConfig scoring,
            ScoringOffers offers,
            RunEvents events,
            Optional<Path> snapshotFile) {
        this.context = context;
        this.config = config;
        this.rounds = rounds;
        this.paces = paces;
        this.library = library;
        this.plan = plan;
        this.examinations = examinations;
        this.stamp = stamp;
        this.scoring = scoring;
        this.offers = offers;
        this.metrics = new SchedulerMetrics(
                context,
                paces.apply(Collections.max(context.policies().rounds())).keySet());
        this.events = events;
        this.snapshotFile = snapshotFile;
        this.outcomes = new OutcomeFactory(context.writer(SchedulerService.ROLE));
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        pulse.waitingFor("the log");
        TransactionalWriter.hold(
                context,
                SchedulerService.ROLE,
                "scheduler of run " + context.runId(),
                writer -> schedule(pulse, writer));
    }

    private void schedule(Pulse pulse, TransactionalWriter writer) throws InterruptedException {
        KeptBooks kept = KeptBooks.of(snapshotFile, TopicIds.of(context.kafka(), SchedulerLog.BOOKED));
        try (DeadLetters deadLetters = new DeadLetters(context.kafka(), SchedulerService.ROLE);
                SchedulerLog log = new SchedulerLog(context, deadLetters, writer, kept.next())) {
            SchedulerState state = new SchedulerState(
                    new Rounds(rounds, round -> RoundBooks.of(config, paces.apply(round))),
                    plan::ended,
                    examinations == null ? new ExaminationBook(ValidationPlan.NONE, Map.of()) : examinations.book());
            ScoringFollower scored = new ScoringFollower(context, log, scoring, offers, stamp, events);
            CaseFollower cases = new CaseFollower(context, log, library, plan, scored, events);
            EarlyEnds ends = new EarlyEnds(context, log, scored, events);
            List<RunManifest> revisions = log.manifests().readAll();
            log.manifests().newest().ifPresent(context.settings()::requireContinues);
            cases.begin(revisions);
            kept.restore(state, plan, (round, books) -> RoundBooks.of(config, paces.apply(round), books));
            log.rebuild(state, prompt -> enter(prompt, state));
            scored.begin(revisions);
            metrics.show(state);
            metrics.examined(state.examinations().takeExamined());
            events.emit(
                    EventKind.STARTED,
                    "scheduler: " + metrics.summary(state),
                    Map.of(),
                    cases.labels(state.newestRound(), log.manifests().newest()));
            follow(pulse, log, state, scored, cases, ends, kept);
        }
    }

    private void follow(
            Pulse pulse,
            SchedulerLog log,
            SchedulerState state,
            ScoringFollower scored,
            CaseFollower cases,
            EarlyEnds ends,
            KeptBooks kept) {
        Optional<RunControl> told = Optional.empty();
        while (!pulse.stopping()) {
            scored.follow();
            log.manifests().newest().ifPresent(context.settings()::requireSpecialties);
            told = control(log, told);
            Optional<RunControl> holds = told.filter(control -> !control.opensGroups());
            if (log.follow(state, prompt -> enter(prompt, state))) {
                pulse.beat();
            }
            kept.keepNowAndThen(log, state, plan);
            ends.follow(state.rounds());
            tell(state.examinations().takeExamined());
            if (!state.leftOver().isEmpty() && !state.over()) {
                endOpenGroups(log, state);
            }
            if (state.over() && state.examinations().settled()) {
                endOpenGroups(log, state);
                events.emit(
                        EventKind.STOPPED, "scheduler: every policy has its final version; " + metrics.summary(state));
                kept.keep(log, state, plan);
                return;
            }
            if (holds.isEmpty()) {
                state.toBegin().ifPresent(round -> {
                    pulse.waitingFor("what was added to the training cases");
                    cases.beginRound(round);
                });
            }
            List<Prompt> admitted = holds.isEmpty() ? admit(state, ends) : List.of();
            if (!admitted.isEmpty()) {
                log.write(
                        Topics.PROMPTS,
                        admitted.stream().map(p -> new Keyed(p.getGroupId(), p)).toList());
                admitted.forEach(prompt -> enter(prompt, state));
                metrics.admitted(admitted);
                pulse.beat();
            } else {
                wait(pulse, state, holds);
            }
            metrics.show(state);
        }
        kept.keep(log, state, plan);
    }

    /** A prompt stands in the log: one of this scheduler's comes a second time, when it is read. */
    private void enter(Prompt prompt, SchedulerState state) {
        if (!state.knows(prompt)) {
            written(prompt);
            state.enter(prompt);
        }
    }

    /** @throws UsageException when a prompt was made from other cases than these */
    private void written(Prompt prompt) {
        if (!prompt.getPurpose().equals(Purpose.VALIDATION)) {
            plan.written(prompt);
        } else if (examinations != null) {
            examinations.written(prompt);
        }
    }

    private void tell(List<ExaminationBook.Examined> examined) {
        metrics.examined(examined);
        for (ExaminationBook.Examined one : examined) {
            events.emit(
                    EventKind.FIGURES,
                    one.told(),
                    one.figures(),
                    Map.of(EventLabels.SPECIALTY, one.policy(), EventLabels.VERSION, Long.toString(one.version())));
        }
    }

    /** Adaptation, sampling and training take as long as they like: whether they are at it, the watchdog knows. */
    private static void wait(Pulse pulse, SchedulerState state, Optional<RunControl> holds) {
        if (holds.isPresent()) {
            pulse.idle("consilium control go: the run " + holds.get().told());
        } else if (state.over()) {
            pulse.idle("examinations: " + state.examinations().open().size() + " answers");
        } else {
            pulse.idle(state.current().waitingFor());
        }
    }

    /** What the run is told to do by now; a restart repeats what it was told last. */
    private Optional<RunControl> control(SchedulerLog log, Optional<RunControl> before) {
        Optional<RunControl> now = log.manifests().newest().flatMap(RunControl::told);
        if (!now.equals(before)) {
            now.ifPresent(told -> events.emit(
                    EventKind.PROGRESS, "the run " + told.told(), Map.of(), Map.of(EventLabels.CONTROL, told.label())));
        }
        return now;
    }

    /** What may be admitted now, the policies taking turns so that none waits behind another's whole batch. */
    private List<Prompt> admit(SchedulerState state, EarlyEnds ends) {
        List<Prompt> admitted = new ArrayList<>();
        long now = System.currentTimeMillis();
        if (examinations != null) {
            state.examinations().toPut(RECORDS_PER_TRANSACTION / 2).stream()
                    .map(group -> examinations.prompt(group, now))
                    .forEach(admitted::add);
        }
        boolean more = true;
        for (long turn = 0; more && admitted.size() < RECORDS_PER_TRANSACTION; turn++) {
            more = false;
            List<RoundBooks> begun = state.rounds().begun();
            for (int round = 0; round < begun.size(); round++) {
                AdmissionController admission = begun.get(round).admission();
                for (String policy : admission.policies()) {
                    if (turn < admission.admissible(policy) && !ends.told(new EarlyEnd(policy, round))) {
                        admitted.add(plan.prompt(
                                policy, state.prompts(policy) + turn, admission.version(policy), round, now));
                        more = true;
                    }
                }
            }
        }
        return admitted;
    }

    private void endOpenGroups(SchedulerLog log, SchedulerState state) {
        log.catchUp(state);
        List<OpenGroup> open = state.leftOver();
        for (int from = 0; from < open.size(); from += RECORDS_PER_TRANSACTION) {
            List<OpenGroup> part = open.subList(from, Math.min(from + RECORDS_PER_TRANSACTION, open.size()));
            log.write(Topics.GROUP_OUTCOMES, part.stream().map(this::unused).toList());
            part.forEach(group -> state.ended(group, Outcome.UNUSED));
        }
        metrics.show(state);
    }

    private Keyed unused(OpenGroup group) {
        return new Keyed(
                group.groupId(),
                outcomes.untrained(
                        group.groupId(),
                        group.policy(),
                        Outcome.UNUSED,
                        "training had ended",
                        System.currentTimeMillis()));
    }
}
