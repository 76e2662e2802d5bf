package ai.consilium.platform;

import ai.consilium.schemas.EventKind;
import java.util.Map;

/** Tells people and the monitor what goes on: one record on run-events and one log line. Thread-safe. */
public final class RunEvents implements AutoCloseable {
    /** Events of one role of a run. */
    public RunEvents(RunContext context, String role) {
        throw new UnsupportedOperationException("stub");
    }

    /** Writes an event. Never throws: an event that cannot be written is logged. */
    public void emit(EventKind kind, String message, Map<String, Double> figures, Map<String, String> labels) {
        throw new UnsupportedOperationException("stub");
    }

    /** Writes an event without figures. */
    public void emit(EventKind kind, String message) {
        emit(kind, message, Map.of(), Map.of());
    }

    @Override
    public void close() {}
}
