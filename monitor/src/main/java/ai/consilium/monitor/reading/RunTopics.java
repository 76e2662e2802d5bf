package ai.consilium.monitor.reading;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Some topics of a run from their beginning. What is on the log at the start is read in about the order of its time, so that who
 * remembers only the newest groups remembers the same of all topics. One thread only.
 */
public final class RunTopics implements AutoCloseable {
    /** What pages show. */
    public static final List<Topics> SHOWN = List.of(
            Topics.PROMPTS,
            Topics.TRAJECTORIES,
            Topics.SCORES,
            Topics.TRAINING_GROUPS,
            Topics.GROUP_OUTCOMES,
            Topics.POLICY_UPDATES,
            Topics.RUN_EVENTS);

    private static final Duration POLL = Duration.ofMillis(50);

    private final List<Followed> topics = new ArrayList<>();

    /** A topic, and how far it was read. */
    private static final class Followed {
        private final LogReader<? extends SpecificRecord> reader;
        private long atMs = Long.MIN_VALUE;
        private boolean ended;

        private Followed(LogReader<? extends SpecificRecord> reader) {
            this.reader = reader;
        }
    }

    /** Nothing is read yet. @param unusable hears of records that cannot be decoded */
    public RunTopics(KafkaClients kafka, List<Topics> read, UnusableRecords unusable) {
        try {
            for (Topics topic : read) {
                topics.add(new Followed(new LogReader<>(kafka, topic, topic.valueType(), unusable, null, Map.of())));
            }
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /**
     * The topic that is behind the others is read next, until each was read to its end once.
     *
     * @param goesOn is asked before each look; false ends the reading
     */
    public void catchUp(BooleanSupplier goesOn, Consumer<ConsumerRecord<String, ? extends SpecificRecord>> into) {
        Optional<Followed> behind = behind();
        while (behind.isPresent() && goesOn.getAsBoolean()) {
            Followed topic = behind.get();
            topic.ended = !poll(topic, into) && topic.reader.caughtUp();
            behind = behind();
        }
    }

    private Optional<Followed> behind() {
        return topics.stream().filter(topic -> !topic.ended).min(Comparator.comparingLong(topic -> topic.atMs));
    }

    /** What came since. */
    public void poll(Consumer<ConsumerRecord<String, ? extends SpecificRecord>> into) {
        topics.forEach(topic -> poll(topic, into));
    }

    /** @return whether there was something */
    private static boolean poll(Followed topic, Consumer<ConsumerRecord<String, ? extends SpecificRecord>> into) {
        List<? extends ConsumerRecord<String, ? extends SpecificRecord>> records = topic.reader.poll(POLL);
        for (ConsumerRecord<String, ? extends SpecificRecord> record : records) {
            topic.atMs = Math.max(topic.atMs, record.timestamp());
            into.accept(record);
        }
        return !records.isEmpty();
    }

    @Override
    public void close() {
        topics.forEach(topic -> topic.reader.close());
    }
}
