package ai.consilium.benchmarks.stream;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Reads committed training groups as a learner would and notes how long each took; a thread of its own. */
final class GroupWatch implements AutoCloseable {
    /** Magic byte and schema id of Confluent's format; the group id is the first field of the record. */
    private static final int HEADER_BYTES = 5;

    private static final Duration POLL = Duration.ofMillis(100);

    /** Groups that {@link #oldest} names. */
    private static final int NAMED = 5;

    private final AtomicLong seen = new AtomicLong();
    private final Map<String, Long> openSinceNs = new ConcurrentHashMap<>();
    private final List<Double> latenciesMs = new ArrayList<>();
    private final ServiceThread thread = new ServiceThread("group-watch", this::watch);
    private final KafkaConsumer<byte[], byte[]> consumer;

    /** Starts at the beginning of the run's training groups. */
    GroupWatch(KafkaClients kafka) {
        Map<String, Object> properties = kafka.connectionProperties();
        properties.put("isolation.level", "read_committed");
        consumer = new KafkaConsumer<>(properties, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        String topic = kafka.topic(Topics.TRAINING_GROUPS);
        try {
            List<TopicPartition> partitions = LogReader.partitionsOf(consumer, topic);
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (RuntimeException e) {
            consumer.close();
            throw e;
        }
        thread.start();
    }

    /** The last score of a group is about to be sent. */
    void expect(String group) {
        openSinceNs.put(group, System.nanoTime());
    }

    /** Groups that have not come out. */
    int open() {
        thread.failure().ifPresent(cause -> {
            throw new IllegalStateException("the training groups cannot be read", cause);
        });
        return openSinceNs.size();
    }

    /** Groups that came out so far. */
    long seen() {
        return seen.get();
    }

    /** The oldest of the groups that have not come out, with the seconds that each waits, for people. */
    String oldest() {
        long now = System.nanoTime();
        return openSinceNs.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .limit(NAMED)
                .map(group -> String.format(Locale.ROOT, "%s (%.0f s)", group.getKey(), (now - group.getValue()) / 1e9))
                .collect(Collectors.joining(", "));
    }

    /** Takes out what was noted since the last time: milliseconds from last score to training group, one a group. */
    List<Double> take() {
        synchronized (latenciesMs) {
            List<Double> taken = List.copyOf(latenciesMs);
            latenciesMs.clear();
            return taken;
        }
    }

    private void watch(ServiceThread.Pulse pulse) {
        while (!pulse.stopping()) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                Long since = openSinceNs.remove(groupId(record.value()));
                if (since == null) {
                    throw new IllegalStateException("a group was emitted twice");
                }
                seen.incrementAndGet();
                synchronized (latenciesMs) {
                    latenciesMs.add((System.nanoTime() - since) / 1e6);
                }
            }
            pulse.beat();
        }
    }

    private static String groupId(byte[] value) {
        try {
            return DecoderFactory.get()
                    .binaryDecoder(value, HEADER_BYTES, value.length - HEADER_BYTES, null)
                    .readString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        thread.close();
        consumer.close();
    }
}
