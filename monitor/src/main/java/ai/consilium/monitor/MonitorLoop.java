package ai.consilium.monitor;

import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.watchdog.Watchdog;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;

/**
 * Follows the topics of a run from their beginning into the state of the run. What is on the log at the start is read in about
 * the order of its time, so that what is remembered of the newest groups only is remembered of all topics alike.
 */
final class MonitorLoop implements ServiceThread.Flow {
    /** What the page shows. */
    private static final List<Topics> SEEN = List.of(
            Topics.PROMPTS,
            Topics.TRAJECTORIES,
            Topics.SCORES,
            Topics.TRAINING_GROUPS,
            Topics.GROUP_OUTCOMES,
            Topics.POLICY_UPDATES,
            Topics.RUN_EVENTS);
    /** Whose processes live is asked while a run goes on only, and a run of an earlier version tells nothing of it. */
    private static final List<Topics> FOLLOWED =
            Stream.concat(SEEN.stream(), Stream.of(Topics.HEARTBEATS)).toList();

    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaClients kafka;
    private final RunState state;
    private final GroupIndex index;
    private final Optional<Watchdog> watchdog;
    private final boolean observer;

    /**
     * A loop that has not begun.
     *
     * @param watchdog is told what is read
     * @param observer whether nothing may be written, not even dead letters
     */
    MonitorLoop(KafkaClients kafka, RunState state, GroupIndex index, Optional<Watchdog> watchdog, boolean observer) {
        this.kafka = kafka;
        this.state = state;
        this.index = index;
        this.watchdog = watchdog;
        this.observer = observer;
    }

    /** A topic, and how far it was read. */
    private static final class Followed {
        private final LogReader<? extends SpecificRecord> reader;
        private long atMs = Long.MIN_VALUE;
        private boolean ended;

        private Followed(LogReader<? extends SpecificRecord> reader) {
            this.reader = reader;
        }
    }

    @Override
    public void run(ServiceThread.Pulse pulse) {
        if (observer) {
            follow(UnusableRecords.LOGGED, pulse);
        } else {
            try (DeadLetters deadLetters = new DeadLetters(kafka, "monitor")) {
                follow(deadLetters, pulse);
            }
        }
    }

    private void follow(UnusableRecords unusable, ServiceThread.Pulse pulse) {
        List<Followed> topics = new ArrayList<>();
        try {
            for (Topics topic : observer ? SEEN : FOLLOWED) {
                topics.add(new Followed(new LogReader<>(kafka, topic, topic.valueType(), unusable, null, Map.of())));
            }
            catchUp(topics, pulse);
            state.caughtUp();
            watchdog.ifPresent(Watchdog::caughtUp);
            while (!pulse.stopping()) {
                pulse.idle("records");
                topics.forEach(topic -> poll(topic, pulse));
            }
        } catch (InterruptException stopping) {
            if (!pulse.stopping()) {
                throw stopping;
            }
        } finally {
            topics.forEach(topic -> topic.reader.close());
        }
    }

    /** The topic that is behind the others is read next, until each was read to its end once. */
    private void catchUp(List<Followed> topics, ServiceThread.Pulse pulse) {
        while (!pulse.stopping()) {
            Optional<Followed> behind =
                    topics.stream().filter(topic -> !topic.ended).min(Comparator.comparingLong(topic -> topic.atMs));
            if (behind.isEmpty()) {
                return;
            }
            pulse.idle("records");
            Followed topic = behind.get();
            topic.ended = !poll(topic, pulse) && topic.reader.caughtUp();
        }
    }

    /** @return whether there was something */
    private boolean poll(Followed topic, ServiceThread.Pulse pulse) {
        List<? extends ConsumerRecord<String, ? extends SpecificRecord>> records = topic.reader.poll(POLL);
        for (ConsumerRecord<String, ? extends SpecificRecord> record : records) {
            state.add(record.value(), record.offset(), record.timestamp());
            index.add(record);
            watchdog.ifPresent(one -> one.add(record.value()));
            topic.atMs = Math.max(topic.atMs, record.timestamp());
            pulse.beat();
        }
        return !records.isEmpty();
    }
}
