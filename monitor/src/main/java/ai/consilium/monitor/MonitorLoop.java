package ai.consilium.monitor;

import ai.consilium.monitor.state.RunState;
import ai.consilium.monitor.watchdog.Watchdog;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InterruptException;

/** Follows the topics of a run from their beginning into the state of the run. */
final class MonitorLoop implements ServiceThread.Flow {
    private static final List<Topics> FOLLOWED = List.of(
            Topics.PROMPTS,
            Topics.TRAJECTORIES,
            Topics.SCORES,
            Topics.TRAINING_GROUPS,
            Topics.GROUP_OUTCOMES,
            Topics.POLICY_UPDATES,
            Topics.RUN_EVENTS,
            Topics.HEARTBEATS);
    private static final Duration POLL = Duration.ofMillis(50);

    private final KafkaClients kafka;
    private final RunState state;
    private final Watchdog watchdog;
    private boolean caughtUp;

    MonitorLoop(KafkaClients kafka, RunState state, Watchdog watchdog) {
        this.kafka = kafka;
        this.state = state;
        this.watchdog = watchdog;
    }

    @Override
    public void run(ServiceThread.Pulse pulse) {
        List<LogReader<? extends SpecificRecord>> readers = new ArrayList<>();
        try (DeadLetters deadLetters = new DeadLetters(kafka, "monitor")) {
            for (Topics topic : FOLLOWED) {
                readers.add(new LogReader<>(kafka, topic, topic.valueType(), deadLetters, null, Map.of()));
            }
            while (!pulse.stopping()) {
                pulse.idle("records");
                for (LogReader<? extends SpecificRecord> reader : readers) {
                    follow(reader, pulse);
                }
                catchUp(readers);
            }
        } catch (InterruptException stopping) {
            if (!pulse.stopping()) {
                throw stopping;
            }
        } finally {
            readers.forEach(LogReader::close);
        }
    }

    /** Asks the broker only until it is so. */
    private void catchUp(List<LogReader<? extends SpecificRecord>> readers) {
        if (!caughtUp && readers.stream().allMatch(LogReader::caughtUp)) {
            caughtUp = true;
            watchdog.caughtUp();
        }
    }

    private void follow(LogReader<? extends SpecificRecord> reader, ServiceThread.Pulse pulse) {
        for (ConsumerRecord<String, ? extends SpecificRecord> record : reader.poll(POLL)) {
            state.add(record.value());
            watchdog.add(record.value());
            pulse.beat();
        }
    }
}
