package ai.consilium.platform.kafka;

import ai.consilium.platform.UsageException;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows one topic from a chosen offset without a consumer group: the log itself is the state, so a restart reads it
 * again. Records that cannot be decoded are handed to {@link UnusableRecords} and passed over, as tombstones are. One
 * thread only.
 */
public final class LogReader<T extends SpecificRecord> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogReader.class);
    /** A topic that was created a moment ago is not known to every broker yet. */
    private static final Duration APPEARS_WITHIN = Duration.ofSeconds(10);

    private static final Duration LOOK = Duration.ofMillis(200);
    private static final String FETCH_WAIT = ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG;
    private static final int FETCH_WAIT_MS = 100;
    private static final Duration ASKED_EVERY = Duration.ofMillis(100);

    private final Consumer<String, Decoded<T>> consumer;
    private final List<TopicPartition> partitions;
    private final UnusableRecords unusable;

    /**
     * Reads all partitions, or one.
     *
     * @param partition null for all
     * @param from offset per partition; partitions that are absent start at the beginning
     * @throws IllegalStateException when the topic does not exist, and does not appear within 10 s
     * @throws UsageException when the log no longer reaches one of the offsets, or has lost it
     */
    public LogReader(
            KafkaClients clients,
            Topics topic,
            Class<T> type,
            UnusableRecords unusable,
            @Nullable Integer partition,
            Map<Integer, Long> from) {
        String name = clients.topic(topic);
        this.unusable = unusable;
        this.consumer = clients.consumer(type, null, briefFetches(clients));
        try {
            this.partitions =
                    partition == null ? partitionsOf(consumer, name) : List.of(new TopicPartition(name, partition));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (TopicPartition assigned : partitions) {
                Long offset = from.get(assigned.partition());
                if (offset != null) {
                    requireOnLog(assigned, offset);
                    consumer.seek(assigned, offset);
                }
            }
        } catch (RuntimeException e) {
            KafkaClients.closeAtOnce(consumer);
            throw e;
        }
    }

    /**
     * A broker answers a client in order. Where a topic ends, which this often asks, it tells only when the fetch before has ended that
     * waits for records: half a second, if nobody sets it, for each topic of a command that reads a dozen to their ends.
     */
    private static Map<String, Object> briefFetches(KafkaClients clients) {
        return clients.settings().properties().containsKey(FETCH_WAIT) ? Map.of() : Map.of(FETCH_WAIT, FETCH_WAIT_MS);
    }

    /** The client by itself would begin at the beginning again, with no more than a line in its log. */
    private void requireOnLog(TopicPartition partition, long offset) {
        List<TopicPartition> one = List.of(partition);
        long begin = consumer.beginningOffsets(one).getOrDefault(partition, 0L);
        long end = consumer.endOffsets(one).getOrDefault(partition, Long.MAX_VALUE);
        if (offset < begin || offset > end) {
            throw new UsageException("%s has offsets %d to %d, but reading would continue at %d: %s"
                    .formatted(
                            partition,
                            begin,
                            end,
                            offset,
                            offset > end
                                    ? "its end was lost; start a new run"
                                    : "the records in between were removed (retention); start a new run"));
        }
    }

    /**
     * Partitions of a topic in their order.
     *
     * @throws IllegalStateException when the topic does not exist, and does not appear within 10 s
     */
    public static List<TopicPartition> partitionsOf(Consumer<?, ?> consumer, String topic) {
        long end = System.nanoTime() + APPEARS_WITHIN.toNanos();
        List<PartitionInfo> known = consumer.partitionsFor(topic);
        while (known == null || known.isEmpty()) {
            if (System.nanoTime() > end || Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("topic " + topic + " does not exist");
            }
            LockSupport.parkNanos(ASKED_EVERY.toNanos());
            known = consumer.partitionsFor(topic);
        }
        return known.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .sorted(Comparator.comparingInt(TopicPartition::partition))
                .toList();
    }

    /** Leaves out what is there: goes on with what is written from now on. */
    public void seekToEnd() {
        consumer.seekToEnd(partitions);
        // The client asks the brokers where that is only when it must.
        partitions.forEach(consumer::position);
    }

    /** Next committed records, in partition order; empty when none came in time. */
    public List<ConsumerRecord<String, T>> poll(Duration timeout) {
        return pollWhole(timeout).stream()
                .map(record ->
                        with(record, Objects.requireNonNull(record.value().value())))
                .toList();
    }

    /** As {@link #poll}, each value with the bytes that it has on the log. */
    public List<ConsumerRecord<String, Decoded<T>>> pollWhole(Duration timeout) {
        ConsumerRecords<String, Decoded<T>> polled = consumer.poll(timeout);
        List<ConsumerRecord<String, Decoded<T>>> usable = new ArrayList<>(polled.count());
        for (TopicPartition partition : partitions) {
            for (ConsumerRecord<String, Decoded<T>> record : polled.records(partition)) {
                take(record, usable);
            }
        }
        return usable;
    }

    private void take(ConsumerRecord<String, Decoded<T>> record, List<ConsumerRecord<String, Decoded<T>>> usable) {
        Decoded<T> decoded = record.value();
        if (decoded == null) {
            return;
        }
        if (decoded.problem() != null) {
            unusable.put(record, decoded.problem());
        } else if (decoded.value() != null) {
            usable.add(record);
        }
    }

    private static <T> ConsumerRecord<String, T> with(ConsumerRecord<String, ?> record, T value) {
        return new ConsumerRecord<>(
                record.topic(),
                record.partition(),
                record.offset(),
                record.timestamp(),
                record.timestampType(),
                record.serializedKeySize(),
                record.serializedValueSize(),
                record.key(),
                value,
                record.headers(),
                record.leaderEpoch());
    }

    /**
     * Whether every record that was committed when this was asked has been returned by {@link #poll}. Asks the broker;
     * turns true only in a poll that passed the last transaction's marker. While the brokers do not answer nobody knows, and it
     * is false: as {@link #poll}, this outlasts any outage.
     */
    public boolean caughtUp() {
        try {
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            return partitions.stream()
                    .allMatch(
                            partition -> consumer.position(partition) >= ends.getOrDefault(partition, Long.MAX_VALUE));
        } catch (TimeoutException unanswered) {
            LOG.atWarn()
                    .addKeyValue("partitions", partitions)
                    .addKeyValue("error", unanswered.getMessage())
                    .log("the brokers do not say how far the log goes; asking again");
            return false;
        }
    }

    /**
     * Hands over what is committed and was not read yet, in parts. It looks before it asks for the end: what a transaction wrote is
     * visible a moment after its commit has returned, and whoever reads its own writes should find them.
     */
    public void readToEnd(java.util.function.Consumer<List<ConsumerRecord<String, T>>> into) {
        do {
            into.accept(poll(LOOK));
        } while (!caughtUp());
    }

    /** As {@link #readToEnd}, each value with the bytes that it has on the log. */
    public void readWholeToEnd(java.util.function.Consumer<List<ConsumerRecord<String, Decoded<T>>>> into) {
        do {
            into.accept(pollWhole(LOOK));
        } while (!caughtUp());
    }

    /** @throws UsageException when records were removed from the beginning of a partition */
    public void requireWhole() {
        consumer.beginningOffsets(partitions).forEach((partition, begin) -> {
            if (begin > 0) {
                throw new UsageException(
                        "%s begins at offset %d: earlier records were removed (retention), and the run cannot continue without them; start a new one"
                                .formatted(partition, begin));
            }
        });
    }

    /** Next offset of each partition that is read. */
    public SortedMap<Integer, Long> positions() {
        SortedMap<Integer, Long> positions = new TreeMap<>();
        partitions.forEach(partition -> positions.put(partition.partition(), consumer.position(partition)));
        return positions;
    }

    /** Next offset of a partition, gaps of transactions included. */
    public long position(int partition) {
        return consumer.position(partitions.stream()
                .filter(assigned -> assigned.partition() == partition)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("partition " + partition + " is not read here")));
    }

    @Override
    public void close() {
        KafkaClients.closeAtOnce(consumer);
    }
}
