package ai.consilium.platform.telemetry;

import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.sdk.trace.IdGenerator;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * Ids that follow from what they name. So all roles agree on them without being told, a record that is written again after a
 * crash is the same span, and a parent can be named whoever wrote it.
 */
final class TraceIds implements IdGenerator {
    private static final int TRACE_CHARS = 32;
    private static final int SPAN_CHARS = 16;
    private static final ThreadLocal<SpanContext> NEXT = ThreadLocal.withInitial(SpanContext::getInvalid);

    private final String runId;

    TraceIds(String runId) {
        this.runId = runId;
    }

    /** The span of a stage's work on a record, in the trace of a group or of an update. */
    SpanContext span(String trace, String stage, String id) {
        return SpanContext.createFromRemoteParent(
                hash("trace", trace, "").substring(0, TRACE_CHARS),
                hash(stage, trace, id).substring(0, SPAN_CHARS),
                TraceFlags.getSampled(),
                TraceState.getDefault());
    }

    private String hash(String stage, String trace, String id) {
        return DigestUtils.sha256Hex(String.join("\n", runId, stage, trace, id));
    }

    /** The span that this thread starts next has these ids. */
    void next(SpanContext ids) {
        NEXT.set(ids);
    }

    @Override
    public String generateTraceId() {
        return NEXT.get().getTraceId();
    }

    @Override
    public String generateSpanId() {
        return NEXT.get().getSpanId();
    }
}
