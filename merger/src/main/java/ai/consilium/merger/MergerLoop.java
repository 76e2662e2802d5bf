package ai.consilium.merger;

import ai.consilium.merger.Judgement.Standing;
import ai.consilium.merger.gate.Marks;
import ai.consilium.merger.gate.Validation;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.ClosedRounds;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunControl;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Waits until every expert is final, merges them, lets consolidation make one agent of them where it is wanted, publishes the best
 * that the gate lets through, and says that the run is over. A restart finds on the log what is done already and does only the rest.
 */
final class MergerLoop implements Flow {
    /** Role that its events carry. */
    static final String ROLE = "merger";

    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final RunContext context;
    private final MergerConfig config;
    private final int rounds;
    private final ExpertChoice choice;
    private final ExpertMerger merger;
    private final IntFunction<Validation> validation;
    private final RunEvents events;
    private final DeadLetters deadLetters;

    /** @param validation over the specialties of a round */
    MergerLoop(
            RunContext context,
            MergerConfig config,
            int rounds,
            ExpertChoice choice,
            ExpertMerger merger,
            IntFunction<Validation> validation,
            RunEvents events,
            DeadLetters deadLetters) {
        this.context = context;
        this.config = config;
        this.rounds = rounds;
        this.choice = choice;
        this.merger = merger;
        this.validation = validation;
        this.events = events;
        this.deadLetters = deadLetters;
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        try {
            TransactionalWriter.hold(context, ROLE, "merger of run " + context.runId(), writer -> {
                String configHash = DigestUtils.sha256Hex(config.toString());
                unify(new AgentPublisher(context, writer, configHash), pulse);
            });
        } catch (InterruptedException e) {
            if (!pulse.stopping()) {
                throw e;
            }
        }
    }

    private void unify(AgentPublisher publisher, Pulse pulse) throws InterruptedException {
        pulse.waitingFor("the rounds that are over");
        boolean over = false;
        for (int round = ClosedRounds.last(context, deadLetters, pulse::stopping);
                !over && !pulse.stopping();
                round++) {
            Optional<PolicyHistory> complete = awaitExperts(round, pulse);
            over = complete.isPresent() && unify(complete.get(), publisher, pulse);
        }
    }

    /** @return whether that was the last round */
    private boolean unify(PolicyHistory history, AgentPublisher publisher, Pulse pulse) throws InterruptedException {
        if (!history.done() && !announced(EventKind.REFUSED, history, pulse)) {
            try (AdapterLog<Adapter> adapters = publisher.adapters()) {
                unify(history, adapters, publisher, pulse);
            }
        }
        boolean last = !pulse.stopping() && (planned(history) || close(history, publisher, pulse));
        if (last && !announced(EventKind.FINISHED, history, pulse)) {
            events.emit(EventKind.FINISHED, "all experts are final and made one agent", Map.of(), labels(history));
        }
        return last;
    }

    /** Whether the run was begun with no more rounds. */
    private boolean planned(PolicyHistory history) {
        return history.round() == rounds - 1;
    }

    /** What a round ends with. The merger alone decides whether the run ends with it, and says so in that record. */
    private AgentPublisher.Kind end(PolicyHistory history) {
        boolean told = ManifestLog.newest(context.kafka()).map(RunControl::of).equals(Optional.of(RunControl.FINISH));
        return told && !planned(history) ? AgentPublisher.Kind.LAST_AGENT : AgentPublisher.Kind.AGENT;
    }

    /**
     * Ends a round that need not be the last: where the gate refused, with what stands, which the next begins with.
     *
     * @return whether the run ends with it
     */
    private boolean close(PolicyHistory seen, AgentPublisher publisher, Pulse pulse) {
        Optional<PolicyHistory> now = await(pulse, seen.round(), seen.chosen(), history -> true, history -> "the log");
        if (now.isEmpty()) {
            return false;
        }
        PolicyHistory history = now.get();
        boolean last = history.last();
        if (!history.closed()) {
            AgentPublisher.Kind end = end(history);
            publisher.again(history.standing().orElseThrow(), history.version() + 1, seen.round(), end);
            last = end == AgentPublisher.Kind.LAST_AGENT;
        }
        if (!last) {
            String of = rounds == 0 ? "" : " of " + rounds;
            phase(Phases.REINFORCEMENT, "round " + (seen.round() + 2) + of);
        }
        return last;
    }

    private Optional<PolicyHistory> awaitExperts(int round, Pulse pulse) {
        Optional<PolicyHistory> finished = await(
                pulse,
                round,
                Map.of(),
                history -> history.unfinished().isEmpty(),
                history -> "the final version of " + String.join(", ", history.unfinished()));
        return finished.flatMap(history ->
                choice.await(history.examined(), context, deadLetters, pulse).map(history::choosing));
    }

    /**
     * What the log says once it says enough; empty when asked to stop before.
     *
     * @param round that the experts are of
     * @param chosen versions of the experts, as {@link ExpertChoice} gave them
     */
    private Optional<PolicyHistory> await(
            Pulse pulse, int round, Map<String, Long> chosen, Predicate<PolicyHistory> enough, Told waitingFor) {
        PolicyHistory history = new PolicyHistory(context.specialties(round), choice.validation(), chosen, round);
        try (LogReader<PolicyUpdate> reader = new LogReader<>(
                context.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, null, Map.of())) {
            // Caught up, because the unified agent of an earlier start lies behind the experts.
            while (!enough.test(history) || !reader.caughtUp()) {
                if (pulse.stopping()) {
                    return Optional.empty();
                }
                pulse.idle(waitingFor.of(history));
                reader.poll(PATIENCE).forEach(record -> {
                    history.add(record.value());
                    pulse.beat();
                });
            }
        }
        return Optional.of(history);
    }

    private interface Told {
        String of(PolicyHistory history);
    }

    /** Whether an earlier start has already said this of the same experts. */
    private boolean announced(EventKind kind, PolicyHistory history, Pulse pulse) {
        Map<String, String> labels = labels(history);
        boolean found = false;
        try (LogReader<RunEvent> reader =
                new LogReader<>(context.kafka(), Topics.RUN_EVENTS, RunEvent.class, deadLetters, null, Map.of())) {
            do {
                for (var record : reader.poll(PATIENCE)) {
                    RunEvent event = record.value();
                    found |= event.getRunId().equals(context.runId())
                            && event.getRole().equals(ROLE)
                            && event.getKind() == kind
                            && event.getLabels().entrySet().containsAll(labels.entrySet());
                }
            } while (!found && !reader.caughtUp() && !pulse.stopping());
        }
        pulse.beat();
        return found;
    }

    private void unify(PolicyHistory history, AdapterLog<Adapter> adapters, AgentPublisher publisher, Pulse pulse)
            throws InterruptedException {
        history.requireOneBase();
        LinkedHashMap<String, Adapter> experts = new LinkedHashMap<>();
        history.experts().forEach(expert -> experts.put(expert.getSpecialty(), adapters.fetch(expert)));
        Validation examination = beating(validation.apply(history.round()), pulse);
        Candidate merged = history.merged().isPresent()
                ? candidate(
                        "merged", history.merged().get(), history.merged().get().getFigures(), adapters, examination)
                : merge(history, experts, adapters, publisher, examination, pulse);
        List<Candidate> candidates = new ArrayList<>(List.of(merged));
        PolicyHistory after = history;
        if (config.consolidate().wanted()) {
            phase(Phases.CONSOLIDATION, "making one agent of the merged experts");
            Optional<PolicyHistory> taught = await(
                    pulse,
                    history.round(),
                    history.chosen(),
                    of -> of.consolidated().isPresent(),
                    of -> "consolidation of the merged experts");
            if (taught.isEmpty()) {
                return;
            }
            after = taught.get();
            // A step's figures are its own; how the experts were merged is told of the agent too.
            candidates.add(candidate(
                    "consolidated", after.consolidated().orElseThrow(), merged.figures(), adapters, examination));
        }
        if (!pulse.stopping()) {
            Marks routed = examination.of(specialty -> Objects.requireNonNull(experts.get(specialty), specialty));
            Optional<Standing> standing = standing(history, adapters, examination);
            judge(Judgement.of(candidates, routed, standing, config.tolerance()), after, publisher);
        }
    }

    private static Optional<Standing> standing(
            PolicyHistory history, AdapterLog<Adapter> adapters, Validation examination) throws InterruptedException {
        Optional<PolicyUpdate> standing = history.standing();
        return standing.isEmpty()
                ? Optional.empty()
                : Optional.of(new Standing(
                        examination.of(adapters.fetch(standing.get())),
                        standing.get().getVersion() > 0));
    }

    private void judge(Judgement judgement, PolicyHistory history, AgentPublisher publisher) {
        long version = history.version() + 1;
        Map<String, Double> figures = judgement.figures();
        Candidate chosen = judgement.chosen();
        if (judgement.admitted()) {
            publisher.publish(chosen.agent(), version, history.round(), end(history), chosen.parents(), figures);
        }
        events.emit(
                judgement.admitted() ? EventKind.FIGURES : EventKind.REFUSED,
                judgement.told(version),
                figures,
                labels(history));
    }

    /** Merges, and publishes what consolidation is to go on from. */
    private Candidate merge(
            PolicyHistory history,
            LinkedHashMap<String, Adapter> experts,
            AdapterLog<Adapter> adapters,
            AgentPublisher publisher,
            Validation examination,
            Pulse pulse)
            throws InterruptedException {
        phase(Phases.MERGING, "merging %d experts with %s".formatted(experts.size(), config.method()));
        Adapter shared = history.shared().map(adapters::fetch).orElse(null);
        // Its report is written first, so that no merge that is on the log lacks one.
        MergeSelection selection = merger.merge(history.round(), experts, shared, examination, next -> {
            pulse.beat();
            pulse.waitingFor("the merge of the experts: " + next);
        });
        pulse.beat();
        List<Parent> parents =
                PolicyHistory.parents(Stream.concat(history.shared().stream(), history.experts().stream())
                        .toList());
        if (config.consolidate().wanted()) {
            publisher.publish(
                    selection.agent(),
                    history.version() + 1,
                    history.round(),
                    AgentPublisher.Kind.CANDIDATE,
                    parents,
                    selection.figures());
        }
        return new Candidate("merged", selection.agent(), parents, selection.marks(), selection.figures());
    }

    private void phase(String phase, String message) {
        events.emit(EventKind.PHASE, message, Map.of(), Map.of(EventLabels.PHASE, phase));
    }

    /** One that stands on the log. */
    private static Candidate candidate(
            String name,
            PolicyUpdate update,
            Map<String, Double> figures,
            AdapterLog<Adapter> adapters,
            Validation examination)
            throws InterruptedException {
        Adapter agent = adapters.fetch(update);
        return new Candidate(name, agent, update.getParents(), examination.of(agent), figures);
    }

    /** An examination takes a while; each is progress, and so is each of its batches. */
    private static Validation beating(Validation validation, Pulse pulse) {
        return agents -> {
            pulse.beat();
            pulse.waitingFor("the examination of an agent");
            return validation.of(agents, pulse::beat);
        };
    }

    /** Words that tell which experts an event is about. */
    private static Map<String, String> labels(PolicyHistory history) {
        StringBuilder experts = new StringBuilder();
        for (PolicyUpdate expert : history.experts()) {
            experts.append(experts.isEmpty() ? "" : " ")
                    .append(expert.getSpecialty())
                    .append('@')
                    .append(expert.getVersion());
        }
        return Map.of(
                EventLabels.SPECIALTY, Topics.UNIFIED,
                EventLabels.PHASE, Phases.MERGE,
                EventLabels.EXPERTS, experts.toString());
    }
}
