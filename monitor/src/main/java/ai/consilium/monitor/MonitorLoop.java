package ai.consilium.monitor;

import ai.consilium.monitor.reading.RunTopics;
import ai.consilium.monitor.samples.GroupIndex;
import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.watchdog.Watchdog;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.UnusableRecords;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;

/** Follows the topics of a run from their beginning into the state of the run. */
final class MonitorLoop implements ServiceThread.Flow {
    /** Whose processes live is asked while a run goes on only, and a run of an earlier version tells nothing of it. */
    private static final List<Topics> FOLLOWED = Stream.concat(RunTopics.SHOWN.stream(), Stream.of(Topics.HEARTBEATS))
            .toList();

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
        Consumer<ConsumerRecord<String, ? extends SpecificRecord>> into = record -> take(record, pulse);
        try (RunTopics topics = new RunTopics(kafka, observer ? RunTopics.SHOWN : FOLLOWED, unusable)) {
            topics.catchUp(() -> goesOn(pulse), into);
            state.caughtUp();
            watchdog.ifPresent(Watchdog::caughtUp);
            while (goesOn(pulse)) {
                topics.poll(into);
            }
        } catch (InterruptException stopping) {
            if (!pulse.stopping()) {
                throw stopping;
            }
        }
    }

    private static boolean goesOn(ServiceThread.Pulse pulse) {
        pulse.idle("records");
        return !pulse.stopping();
    }

    private void take(ConsumerRecord<String, ? extends SpecificRecord> record, ServiceThread.Pulse pulse) {
        state.add(record.value(), record.offset(), record.timestamp());
        index.add(record);
        watchdog.ifPresent(one -> one.add(record.value()));
        pulse.beat();
    }
}
