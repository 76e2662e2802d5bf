package ai.consilium.benchmarks.stream;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;

/** Counts the committed records of a topic as they come; a thread of its own. */
final class RecordCount implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);

    private final Consumer<byte[], byte[]> consumer;
    private final AtomicLong seen = new AtomicLong();
    private final ServiceThread thread = new ServiceThread("record-count", this::count);

    RecordCount(KafkaClients kafka, Topics topic) {
        consumer = kafka.bytesConsumer(Map.of());
        try {
            List<TopicPartition> partitions = LogReader.partitionsOf(consumer, kafka.topic(topic));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (RuntimeException e) {
            KafkaClients.closeAtOnce(consumer);
            throw e;
        }
        thread.start();
    }

    private void count(ServiceThread.Pulse pulse) {
        while (!pulse.stopping()) {
            seen.addAndGet(consumer.poll(POLL).count());
            pulse.beat();
        }
    }

    /** Records so far. */
    long seen() {
        thread.failure().ifPresent(cause -> {
            throw new IllegalStateException("what comes out cannot be read", cause);
        });
        return seen.get();
    }

    @Override
    public void close() {
        thread.close();
        KafkaClients.closeAtOnce(consumer);
    }
}
