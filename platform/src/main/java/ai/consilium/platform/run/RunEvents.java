package ai.consilium.platform.run;

import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.RunEvent;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;
import org.slf4j.spi.LoggingEventBuilder;

/** Tells people and the monitor what goes on: one record on run-events and one log line. Thread-safe. */
public final class RunEvents implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunEvents.class);
    /** An event is worth no long wait: the broker may be away. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(2);

    private final RunContext context;
    private final String role;
    private final String topic;
    private final Producer<String, SpecificRecord> producer;

    /** Events of one role of a run. */
    public RunEvents(RunContext context, String role) {
        this.context = context;
        this.role = role;
        this.topic = context.kafka().topic(Topics.RUN_EVENTS);
        this.producer = context.kafka()
                .producer(
                        "run-events-" + role + "-" + context.instance(),
                        Map.of("max.block.ms", LONGEST_WAIT.toMillis()));
    }

    /** Writes an event. Never throws: an event that cannot be written is logged. */
    public void emit(EventKind kind, String message, Map<String, Double> figures, Map<String, String> labels) {
        log(kind, message, figures, labels);
        RunEvent event = RunEvent.newBuilder()
                .setRunId(context.runId())
                .setRole(role)
                .setInstance(context.instance())
                .setKind(kind)
                .setMessage(message)
                .setFigures(new TreeMap<>(figures))
                .setLabels(new TreeMap<>(labels))
                .setCreatedMs(System.currentTimeMillis())
                .build();
        try {
            var unused = producer.send(new ProducerRecord<>(topic, context.runId(), event), (metadata, problem) -> {
                if (problem != null) {
                    unwritten(kind, problem);
                }
            });
        } catch (RuntimeException e) {
            unwritten(kind, e);
        }
    }

    /** Writes an event without figures. */
    public void emit(EventKind kind, String message) {
        emit(kind, message, Map.of(), Map.of());
    }

    private void log(EventKind kind, String message, Map<String, Double> figures, Map<String, String> labels) {
        LoggingEventBuilder line = LOG.atLevel(level(kind));
        line = line.addKeyValue("role", role).addKeyValue("event", kind);
        for (Map.Entry<String, String> label : new TreeMap<>(labels).entrySet()) {
            line = line.addKeyValue(label.getKey(), label.getValue());
        }
        for (Map.Entry<String, Double> figure : new TreeMap<>(figures).entrySet()) {
            line = line.addKeyValue(figure.getKey(), figure.getValue());
        }
        line.log(message);
    }

    private static Level level(EventKind kind) {
        return switch (kind) {
            case REFUSED, STALLED -> Level.WARN;
            case FIGURES -> Level.DEBUG;
            case STARTED, STOPPED, PHASE, PROGRESS, FINISHED -> Level.INFO;
        };
    }

    private void unwritten(EventKind kind, Exception problem) {
        LOG.atWarn()
                .addKeyValue("role", role)
                .addKeyValue("event", kind)
                .addKeyValue("reason", String.valueOf(problem.getMessage()))
                .log("event could not be written to the log");
    }

    @Override
    public void close() {
        producer.close(Duration.ofSeconds(5));
    }
}
