package ai.consilium.rollout.worker;

import ai.consilium.platform.kafka.Decoded;
import ai.consilium.platform.run.RunContext;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a worker takes prompts from: its member of the share group. A prompt is held until it is settled, one by
 * one; while sampling goes on the hold is renewed, and when the worker dies or closes the prompt goes to another. One thread only.
 */
final class PromptConsumer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PromptConsumer.class);
    private static final Duration RETURN_PATIENCE = Duration.ofSeconds(5);
    private static final int USUAL_LOCK_MS = 30_000;
    /**
     * While a share coordinator moves, or its broker is fenced, the client (4.3.1) throws this from a poll instead of trying
     * again.
     */
    private static final String BROKER_ERROR = "Unexpected error code";

    private final Supplier<ShareConsumer<String, Decoded<Prompt>>> joining;
    private ShareConsumer<String, Decoded<Prompt>> consumer;
    private final Map<String, ConsumerRecord<String, Decoded<Prompt>>> held = new LinkedHashMap<>();
    private long heldSinceNs;

    PromptConsumer(RunContext context, int mostPrompts) {
        this(() -> joined(context, mostPrompts));
    }

    /** @param joining makes a member of the share group */
    PromptConsumer(Supplier<ShareConsumer<String, Decoded<Prompt>>> joining) {
        this.joining = joining;
        this.consumer = joining.get();
    }

    private static ShareConsumer<String, Decoded<Prompt>> joined(RunContext context, int mostPrompts) {
        ShareConsumer<String, Decoded<Prompt>> member =
                context.kafka().shareConsumer(Prompt.class, context.kafka().group(RolloutService.ROLE), mostPrompts);
        member.subscribe(Set.of(context.kafka().topic(Topics.PROMPTS)));
        return member;
    }

    /**
     * Takes what is there, at most as many as the consumer may hold; everything taken before must be settled. A member that its
     * broker has failed joins anew and takes nothing this time.
     */
    List<ConsumerRecord<String, Decoded<Prompt>>> take(Duration timeout) {
        List<ConsumerRecord<String, Decoded<Prompt>>> taken = polled(timeout);
        hold(taken);
        return taken;
    }

    private void hold(List<ConsumerRecord<String, Decoded<Prompt>>> records) {
        held.clear();
        records.forEach(record -> held.put(place(record), record));
        heldSinceNs = System.nanoTime();
    }

    /** Asks for more time once half of what the broker grants is over. */
    void renewWhenDue() {
        Duration granted = Duration.ofMillis(consumer.acquisitionLockTimeoutMs().orElse(USUAL_LOCK_MS));
        if (System.nanoTime() - heldSinceNs >= granted.dividedBy(2).toNanos()) {
            renew();
        }
    }

    /**
     * Asks for more time. A prompt whose hold was lost meanwhile is let go: another worker samples it too, and the first
     * trajectories in the log win.
     */
    void renew() {
        if (held.isEmpty()) {
            return;
        }
        held.values().forEach(record -> consumer.acknowledge(record, AcknowledgeType.RENEW));
        report(consumer.commitSync());
        List<ConsumerRecord<String, Decoded<Prompt>>> kept = new ArrayList<>();
        // Renewed prompts come back from a poll. If all were lost it yields others, which this worker has no hand free
        // for.
        List<ConsumerRecord<String, Decoded<Prompt>>> returned = polled(RETURN_PATIENCE);
        for (ConsumerRecord<String, Decoded<Prompt>> record : returned) {
            if (held.containsKey(place(record))) {
                kept.add(record);
            } else {
                consumer.acknowledge(record, AcknowledgeType.RELEASE);
            }
        }
        hold(kept);
        if (kept.size() < returned.size()) {
            report(consumer.commitSync());
        }
    }

    /** Done with a prompt, as of the next {@link #commit()}. The others stay held. */
    void accept(ConsumerRecord<String, Decoded<Prompt>> record) {
        settle(record, AcknowledgeType.ACCEPT);
    }

    /** Leaves a prompt to another worker, as of the next {@link #commit()}. */
    void release(ConsumerRecord<String, Decoded<Prompt>> record) {
        settle(record, AcknowledgeType.RELEASE);
    }

    private void settle(ConsumerRecord<String, Decoded<Prompt>> record, AcknowledgeType how) {
        if (held.remove(place(record)) != null) {
            consumer.acknowledge(record, how);
        }
    }

    /** Tells the broker what has been settled. */
    void commit() {
        report(consumer.commitSync());
    }

    /** Names a record on its topic. */
    private static String place(ConsumerRecord<?, ?> record) {
        return record.partition() + "/" + record.offset();
    }

    /** Closing releases what is held. An interrupted thread must be able to say so to the broker. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted();
        try {
            consumer.close();
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private List<ConsumerRecord<String, Decoded<Prompt>>> polled(Duration timeout) {
        List<ConsumerRecord<String, Decoded<Prompt>>> records = new ArrayList<>();
        try {
            consumer.poll(timeout).forEach(records::add);
        } catch (IllegalStateException e) {
            if (!String.valueOf(e.getMessage()).startsWith(BROKER_ERROR)) {
                throw e;
            }
            LOG.atWarn().addKeyValue("cause", e.getMessage()).log("Rejoining the share group");
            consumer.close(Duration.ZERO);
            consumer = joining.get();
        }
        return records;
    }

    private static void report(Map<TopicIdPartition, Optional<KafkaException>> results) {
        results.forEach((partition, problem) -> problem.ifPresent(e -> LOG.atWarn()
                .addKeyValue("partition", partition.topicPartition())
                .addKeyValue("cause", e.getMessage())
                .log("Acquisition locks on prompts expired; the prompts will be sampled again")));
    }
}
