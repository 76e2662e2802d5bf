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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
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
    private final LogReader<Prompt> prompts;
    private final LogReader<GroupOutcome> outcomes;
    private final LogReader<PolicyUpdate> updates;
    private final LogReader<ScoringConfig> scoringConfigs;
    private final ManifestLog manifests;

    /** The topics from which the books are made. */
    static final List<Topics> BOOKED = List.of(Topics.PROMPTS, Topics.GROUP_OUTCOMES, Topics.POLICY_UPDATES);

    /** @param next offsets to begin with, by topic and partition; those that are absent begin at the beginning */
    SchedulerLog(
            RunContext context,
            DeadLetters deadLetters,
            TransactionalWriter writer,
            Map<String, SortedMap<Integer, Long>> next) {
        this.context = context;
        this.deadLetters = deadLetters;
        this.writer = writer;
        this.prompts = reader(Topics.PROMPTS, Prompt.class, next);
        this.outcomes = reader(Topics.GROUP_OUTCOMES, GroupOutcome.class, next);
        this.updates = reader(Topics.POLICY_UPDATES, PolicyUpdate.class, next);
        this.scoringConfigs = reader(Topics.SCORING_CONFIGS, ScoringConfig.class, next);
        this.manifests = new ManifestLog(context.kafka());
    }

    /**
     * Enters everything that stands in the log from the offsets on with which this began.
     *
     * @param prompted sees every prompt
     * @throws ai.consilium.platform.UsageException when prompts were removed: their groups could not be counted, nor numbered on
     */
    void rebuild(SchedulerState state, Consumer<Prompt> prompted) {
        prompts.requireWhole();
        drain(prompts, prompted);
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
     * @param prompted sees the prompts that came, this scheduler's own too
     * @return whether there was an update or an outcome
     */
    boolean follow(SchedulerState state, Consumer<Prompt> prompted) {
        prompts.poll(Duration.ZERO).forEach(record -> prompted.accept(record.value()));
        List<ConsumerRecord<String, GroupOutcome>> ended = outcomes.poll(OUTCOME_POLL);
        List<ConsumerRecord<String, PolicyUpdate>> published = updates.poll(UPDATE_POLL);
        published.forEach(record -> state.enter(record.value()));
        ended.forEach(record -> state.enter(record.value()));
        return !ended.isEmpty() || !published.isEmpty();
    }

    /** Offsets up to which everything was entered, by topic and partition. */
    Map<String, SortedMap<Integer, Long>> positions() {
        return Map.of(
                Topics.PROMPTS.baseName(), prompts.positions(),
                Topics.GROUP_OUTCOMES.baseName(), outcomes.positions(),
                Topics.POLICY_UPDATES.baseName(), updates.positions());
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
            prompts.close();
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

    private <T extends SpecificRecord> LogReader<T> reader(
            Topics topic, Class<T> type, Map<String, SortedMap<Integer, Long>> next) {
        return new LogReader<>(
                context.kafka(),
                topic,
                type,
                deadLetters,
                null,
                next.getOrDefault(topic.baseName(), Collections.emptySortedMap()));
    }

    private static <T extends SpecificRecord> void drain(LogReader<T> reader, Consumer<T> into) {
        while (!reader.caughtUp()) {
            reader.poll(CATCH_UP_POLL).forEach(record -> into.accept(record.value()));
        }
    }
}
