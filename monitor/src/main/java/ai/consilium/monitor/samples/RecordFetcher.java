package ai.consilium.monitor.samples;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads single records of a run's log, by their offsets, with a consumer of its own. Thread-safe; one read at a time. */
public final class RecordFetcher {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    /** Records between two wanted ones that are cheaper to read over than to seek past. */
    private static final long NEAR = 2_000;

    private final KafkaClients kafka;

    public RecordFetcher(KafkaClients kafka) {
        this.kafka = kafka;
    }

    /**
     * Reads some records of a partition.
     *
     * @param into is given those that are still on the log, in order
     * @throws ai.consilium.platform.UsageException when the log no longer has the first of them
     */
    synchronized <T extends SpecificRecord> void read(
            Topics topic,
            Class<T> type,
            int partition,
            Collection<Long> offsets,
            Consumer<ConsumerRecord<String, T>> into) {
        TreeSet<Long> left = new TreeSet<>(offsets);
        while (!left.isEmpty()) {
            List<Long> run = new ArrayList<>();
            for (long offset : left) {
                if (!run.isEmpty() && offset - run.get(run.size() - 1) > NEAR) {
                    break;
                }
                run.add(offset);
            }
            left.removeAll(run);
            long last = run.get(run.size() - 1);
            TreeSet<Long> wanted = new TreeSet<>(run);
            range(topic, type, partition, run.get(0), last, record -> {
                if (wanted.contains(record.offset())) {
                    into.accept(record);
                }
            });
        }
    }

    /**
     * Reads all records of a part of a partition.
     *
     * @param last offset, which is read too
     * @throws ai.consilium.platform.UsageException when the log no longer reaches back to the first
     */
    public synchronized <T extends SpecificRecord> void range(
            Topics topic,
            Class<T> type,
            int partition,
            long first,
            long last,
            Consumer<ConsumerRecord<String, T>> into) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try (LogReader<T> reader =
                new LogReader<>(kafka, topic, type, UnusableRecords.LOGGED, partition, Map.of(partition, first))) {
            do {
                for (ConsumerRecord<String, T> record : reader.poll(POLL)) {
                    if (record.offset() <= last) {
                        into.accept(record);
                    }
                }
            } while (reader.position(partition) <= last && System.nanoTime() < end && !reader.caughtUp());
        }
    }
}
