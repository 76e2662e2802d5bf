package ai.consilium.merger;

import ai.consilium.merger.gate.Validation;
import ai.consilium.merger.merge.ExpertMerge;
import ai.consilium.platform.adapter.AdapterLog;
import ai.consilium.platform.adapter.AdapterRecords;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.ServiceThread.Flow;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.policy.adapter.Adapter;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UpdateKind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Waits until every expert is final, merges them once, and says that the run is over. A restart finds on the log what is done
 * already and does only the rest.
 */
final class MergerLoop implements Flow {
    /** Role that its events carry. */
    static final String ROLE = "merger";

    private static final Duration PATIENCE = Duration.ofMillis(200);

    private final RunContext context;
    private final MergerConfig config;
    private final long seed;
    private final Calibration calibration;
    private final Validation validation;
    private final RunEvents events;
    private final DeadLetters deadLetters;

    MergerLoop(
            RunContext context,
            MergerConfig config,
            long seed,
            Calibration calibration,
            Validation validation,
            RunEvents events,
            DeadLetters deadLetters) {
        this.context = context;
        this.config = config;
        this.seed = seed;
        this.calibration = calibration;
        this.validation = validation;
        this.events = events;
        this.deadLetters = deadLetters;
    }

    @Override
    public void run(Pulse pulse) throws Exception {
        try {
            TransactionalWriter.hold(
                    context, ROLE, "merger of run " + context.runId(), writer -> mergeOnce(writer, pulse));
        } catch (InterruptedException e) {
            if (!pulse.stopping()) {
                throw e;
            }
        }
    }

    private void mergeOnce(TransactionalWriter writer, Pulse pulse) throws InterruptedException {
        Optional<PolicyHistory> complete = awaitExperts(pulse);
        if (complete.isEmpty()) {
            return;
        }
        PolicyHistory history = complete.get();
        if (!history.merged() && !announced(EventKind.REFUSED, history, pulse)) {
            merge(history, writer, pulse);
        }
        if (!pulse.stopping() && !announced(EventKind.FINISHED, history, pulse)) {
            events.emit(EventKind.FINISHED, "all experts are final and merged", Map.of(), labels(history));
        }
    }

    private Optional<PolicyHistory> awaitExperts(Pulse pulse) {
        PolicyHistory history = new PolicyHistory(context.specialties());
        try (LogReader<PolicyUpdate> reader = new LogReader<>(
                context.kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, deadLetters, null, Map.of())) {
            // Caught up, because the unified agent of an earlier start lies behind the experts.
            while (!history.unfinished().isEmpty() || !reader.caughtUp()) {
                if (pulse.stopping()) {
                    return Optional.empty();
                }
                pulse.idle("the final version of " + String.join(", ", history.unfinished()));
                reader.poll(PATIENCE).forEach(record -> {
                    history.add(record.value());
                    pulse.beat();
                });
            }
        }
        return Optional.of(history);
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

    private void merge(PolicyHistory history, TransactionalWriter writer, Pulse pulse) throws InterruptedException {
        try (AdapterLog<Adapter> adapters =
                new AdapterLog<>(context.kafka(), context.policies(), Adapter::fromSafetensors, Adapter::hash)) {
            merge(history, adapters, writer, pulse);
        }
    }

    private void merge(PolicyHistory history, AdapterLog<Adapter> adapters, TransactionalWriter writer, Pulse pulse)
            throws InterruptedException {
        List<PolicyUpdate> parents = history.experts();
        List<Adapter> experts = new ArrayList<>();
        double[] weights = new double[parents.size()];
        for (int i = 0; i < weights.length; i++) {
            experts.add(adapters.fetch(parents.get(i)));
            weights[i] = config.weight(parents.get(i).getSpecialty());
        }
        Adapter previous = history.unified().map(adapters::fetch).orElse(null);
        pulse.waitingFor("the merge of the experts");
        events.emit(
                EventKind.PHASE,
                "merging %d experts with %s".formatted(experts.size(), config.method()),
                Map.of(),
                Map.of(EventLabels.PHASE, Phases.MERGING));
        Adapter shared = history.shared().map(adapters::fetch).orElse(null);
        MergeSelection unification = MergeSelection.of(
                new ExpertMerge.Parents(experts, weights, shared), config, seed, calibration, beating(pulse), previous);
        pulse.beat();
        if (pulse.stopping()) {
            return;
        }
        if (unification.admitted()) {
            PolicyUpdate update = publish(unification, history, writer);
            events.emit(
                    EventKind.FIGURES,
                    String.format(
                            Locale.ROOT,
                            "unified agent, version %d, published: validation accuracy %.3f",
                            update.getVersion(),
                            unification.figures().get("val/accuracy/mean")),
                    unification.figures(),
                    labels(history));
        } else {
            events.emit(
                    EventKind.REFUSED,
                    String.format(
                            Locale.ROOT,
                            "merged agent refused: validation accuracy %.3f, the current unified agent has %.3f",
                            unification.figures().get("val/accuracy/mean"),
                            unification.figures().get("val/previous_accuracy/mean")),
                    unification.figures(),
                    labels(history));
        }
    }

    /** An examination takes a while; each is progress. */
    private Validation beating(Pulse pulse) {
        return agent -> {
            pulse.beat();
            pulse.waitingFor("the evaluation of the merged agent");
            return validation.of(agent);
        };
    }

    private PolicyUpdate publish(MergeSelection unification, PolicyHistory history, TransactionalWriter writer) {
        long version = history.unified().map(update -> update.getVersion() + 1).orElse(1L);
        byte[] file = unification.agent().toSafetensors();
        List<ProducerRecord<String, SpecificRecord>> chunks =
                new AdapterRecords(context.kafka(), context.policies()).chunks(Topics.UNIFIED, version, file);
        PolicyUpdate update = PolicyUpdate.newBuilder()
                .setSpecialty(Topics.UNIFIED)
                .setVersion(version)
                .setKind(UpdateKind.MERGE)
                .setFinalVersion(true)
                .setParents(PolicyHistory.parents(Stream.concat(history.shared().stream(), history.experts().stream())
                        .toList()))
                .setAdapterHash(unification.agent().hash())
                .setAdapterBytes(file.length)
                .setChunks(chunks.size())
                .setFigures(unification.figures())
                .setConsumed(List.of())
                .setGroupIds(List.of())
                .setConfigHash(DigestUtils.sha256Hex(config.toString()))
                .setWriter(context.writer(ROLE))
                .setCreatedMs(System.currentTimeMillis())
                .build();
        List<ProducerRecord<String, SpecificRecord>> records = new ArrayList<>(chunks);
        records.add(new ProducerRecord<>(context.kafka().topic(Topics.POLICY_UPDATES), Topics.UNIFIED, update));
        writer.write(records);
        return update;
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
