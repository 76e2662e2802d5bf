package ai.consilium.rollout.scheduler;

import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.manifest.ManifestLog;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.transaction.TransactionalWriter;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.ScoringConfig;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * The scheduler's view of the log: what it rebuilds its state from, and what it writes. It is opened by the holder of the
 * scheduler's transactional id, so that no other scheduler changes what is read. One thread only.
 */
final class SchedulerLog implements AutoCloseable {
    private static final Duration CATCH_UP_POLL = Duration.ofMillis(200);
    /** Outcomes come with every training step, so the wait is here; updates are looked at right after. */
    private static final Duration OUTCOME_POLL = Duration.ofMillis(50);

    private static final Duration UPDATE_POLL = Duration.ofMillis(10);

    private final RunContext context;
    private final DeadLetters deadLetters;
    private final TransactionalWriter writer;
    private final LogReader<GroupOutcome> outcomes;
    private final LogReader<PolicyUpdate> updates;
    private final LogReader<ScoringConfig> scoringConfigs;
    private final ManifestLog manifests;

    SchedulerLog(RunContext context, DeadLetters deadLetters, TransactionalWriter writer) {
        this.context = context;
        this.deadLetters = deadLetters;
        this.writer = writer;
        this.outcomes = reader(Topics.GROUP_OUTCOMES, GroupOutcome.class);
        this.updates = reader(Topics.POLICY_UPDATES, PolicyUpdate.class);
        this.scoringConfigs = reader(Topics.SCORING_CONFIGS, ScoringConfig.class);
        this.manifests = new ManifestLog(context.kafka());
    }

    /**
     * Enters everything that stands in the log.
     *
     * @param check sees every prompt
     * @throws ai.consilium.platform.UsageException when prompts were removed: their groups could not be counted, nor numbered on
     */
    void rebuild(SchedulerState state, Consumer<Prompt> check) {
        try (LogReader<Prompt> prompts = reader(Topics.PROMPTS, Prompt.class)) {
            prompts.requireWhole();
            drain(prompts, prompt -> {
                check.accept(prompt);
                state.enter(prompt);
            });
        }
        catchUp(state);
    }

    /** Enters every update and outcome that is committed by now. */
    void catchUp(SchedulerState state) {
        drain(updates, state::enter);
        drain(outcomes, state::enter);
    }

    /**
     * Enters what is new.
     *
     * @return whether there was anything
     */
    boolean follow(SchedulerState state) {
        List<ConsumerRecord<String, GroupOutcome>> ended = outcomes.poll(OUTCOME_POLL);
        List<ConsumerRecord<String, PolicyUpdate>> published = updates.poll(UPDATE_POLL);
        published.forEach(record -> state.enter(record.value()));
        ended.forEach(record -> state.enter(record.value()));
        return !ended.isEmpty() || !published.isEmpty();
    }

    /** Revisions of the run's manifest. */
    ManifestLog manifests() {
        return manifests;
    }

    /** Hands over the scoring configurations that came since the last call. */
    void scoringConfigs(Consumer<ScoringConfig> into) {
        drain(scoringConfigs, into);
    }

    /**
     * Writes records in one transaction.
     *
     * @throws ai.consilium.platform.transaction.FencedException when another scheduler has taken over
     */
    void write(Topics topic, List<? extends Keyed> records) {
        String name = context.kafka().topic(topic);
        writer.write(sender ->
                records.forEach(record -> sender.send(new ProducerRecord<>(name, record.key(), record.value()))));
    }

    /** A value with its key. */
    record Keyed(String key, SpecificRecord value) {}

    /** An interrupted thread may still close its clients, or their connections would linger. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            outcomes.close();
            updates.close();
            scoringConfigs.close();
            manifests.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private <T extends SpecificRecord> LogReader<T> reader(Topics topic, Class<T> type) {
        return new LogReader<>(context.kafka(), topic, type, deadLetters, null, Map.of());
    }

    private static <T extends SpecificRecord> void drain(LogReader<T> reader, Consumer<T> into) {
        while (!reader.caughtUp()) {
            reader.poll(CATCH_UP_POLL).forEach(record -> into.accept(record.value()));
        }
    }
}
