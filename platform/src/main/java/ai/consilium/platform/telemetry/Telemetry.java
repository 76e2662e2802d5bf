package ai.consilium.platform.telemetry;

import ai.consilium.platform.kafka.RecordTraces;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Prompt;
import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import ai.consilium.schemas.TrainingGroup;
import ai.consilium.schemas.Trajectory;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.avro.specific.SpecificRecord;
import org.jspecify.annotations.Nullable;

/**
 * One trace a group: its prompt, the sampling of each trajectory, its scoring, the closing of the group, the step that trained on
 * it. Each is a span that ends when its record is written; the record carries the span in its header. Spans hold ids and
 * figures, no text of cases or completions. Thread-safe.
 */
public final class Telemetry implements RecordTraces, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int QUEUE = 8_192;
    private static final double MS_PER_SECOND = 1_000;
    private static final AttributeKey<String> ROLE = AttributeKey.stringKey("consilium.role");
    private static final AttributeKey<String> GROUP = AttributeKey.stringKey("consilium.group");
    private static final AttributeKey<String> POLICY = AttributeKey.stringKey("consilium.policy");
    private static final AttributeKey<String> PERSPECTIVE = AttributeKey.stringKey("consilium.perspective");
    private static final AttributeKey<Long> TOKENS = AttributeKey.longKey("consilium.tokens");
    private static final AttributeKey<Long> VERSION = AttributeKey.longKey("consilium.version");
    private static final AttributeKey<List<String>> SCORERS = AttributeKey.stringArrayKey("consilium.scorers");

    private final TraceIds ids;
    private final SdkTracerProvider provider;
    private final Tracer tracer;

    /** @param role of the process, for {@code service.name} */
    public Telemetry(TelemetryConfig config, String runId, String role, String instance) {
        ids = new TraceIds(runId);
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(Attributes.of(
                        AttributeKey.stringKey("service.name"), "consilium-" + role,
                        AttributeKey.stringKey("service.namespace"), runId,
                        AttributeKey.stringKey("service.instance.id"), instance)))
                .setIdGenerator(ids)
                .addSpanProcessor(BatchSpanProcessor.builder(OtlpHttpSpanExporter.builder()
                                .setEndpoint(config.endpoint())
                                .setTimeout(PATIENCE)
                                .build())
                        .setMaxQueueSize(QUEUE)
                        .build())
                .build();
        tracer = provider.get("consilium");
    }

    @Override
    public @Nullable String written(SpecificRecord record) {
        if (record instanceof Prompt prompt) {
            return prompted(prompt);
        } else if (record instanceof Trajectory trajectory) {
            return sampled(trajectory);
        } else if (record instanceof Scores scores) {
            return scored(scores);
        } else if (record instanceof TrainingGroup group) {
            return closed(group);
        } else if (record instanceof PolicyUpdate update) {
            return updated(update);
        }
        return null;
    }

    private SpanContext prompt(String groupId) {
        return ids.span(groupId, "prompt", "");
    }

    private SpanContext sample(String groupId, String trajectoryId) {
        return ids.span(groupId, "sample", trajectoryId);
    }

    private SpanContext group(String groupId) {
        return ids.span(groupId, "group", "");
    }

    private String prompted(Prompt prompt) {
        AttributesBuilder of = of("scheduler", prompt.getGroupId()).put(POLICY, PolicyTable.policyOf(prompt));
        return span("prompt", prompt(prompt.getGroupId()), null, prompt.getCreatedMs(), 0, of);
    }

    private String sampled(Trajectory sample) {
        String group = sample.getGroupId();
        AttributesBuilder of = of("rollout", group)
                .put(POLICY, PolicyTable.policyOf(sample))
                .put(PERSPECTIVE, sample.getPerspective())
                .put(TOKENS, sample.getTokens().size());
        return span(
                "sample",
                sample(group, sample.getTrajectoryId()),
                prompt(group),
                sample.getCreatedMs(),
                sample.getSampledMs(),
                of);
    }

    private String scored(Scores scores) {
        String group = scores.getGroupId();
        String id = scores.getTrajectoryId();
        List<String> scorers =
                scores.getScores().stream().map(Score::getScorer).sorted().toList();
        double longestMs = scores.getScores().stream()
                .mapToDouble(Score::getLatencyMs)
                .max()
                .orElse(0);
        // What came late is a record of its own, of other scorers.
        SpanContext span = ids.span(group, "score", id + "\n" + String.join(",", scorers));
        AttributesBuilder of = of("reward", group).put(SCORERS, scorers);
        return span("score", span, sample(group, id), scores.getCreatedMs(), Math.round(longestMs), of);
    }

    private String closed(TrainingGroup group) {
        String id = group.getGroupId();
        AttributesBuilder of = of("advantage", id).put(POLICY, PolicyTable.policyOf(group));
        return span("group", group(id), prompt(id), group.getCreatedMs(), 0, of);
    }

    /** In the trace of each group that it trained on, and one in a trace of its own, which its record carries. */
    private String updated(PolicyUpdate update) {
        long tookMs = Math.round(MS_PER_SECOND * update.getFigures().getOrDefault("step_seconds", 0.0));
        String policy = update.getSpecialty();
        String version = Long.toString(update.getVersion());
        for (String id : update.getGroupIds()) {
            SpanContext step = ids.span(id, "step", policy + "/" + version);
            AttributesBuilder of = of("learner", id).put(POLICY, policy).put(VERSION, update.getVersion());
            span("step", step, group(id), update.getCreatedMs(), tookMs, of);
        }
        AttributesBuilder of = Attributes.builder().put(POLICY, policy).put(VERSION, update.getVersion());
        SpanContext own = ids.span(policy + "/" + version, "update", "");
        return span("update", own, null, update.getCreatedMs(), tookMs, of);
    }

    private static AttributesBuilder of(String role, String groupId) {
        return Attributes.builder().put(ROLE, role).put(GROUP, groupId);
    }

    /** @return the span as a header */
    private String span(
            String name,
            SpanContext span,
            @Nullable SpanContext parent,
            long endMs,
            long tookMs,
            AttributesBuilder attributes) {
        ids.next(span);
        Context under = parent == null ? Context.root() : Context.root().with(Span.wrap(parent));
        tracer.spanBuilder(name)
                .setParent(under)
                .setStartTimestamp(endMs - tookMs, TimeUnit.MILLISECONDS)
                .setAllAttributes(attributes.build())
                .startSpan()
                .end(endMs, TimeUnit.MILLISECONDS);
        return "00-%s-%s-01".formatted(span.getTraceId(), span.getSpanId());
    }

    /** Sends what is left, for a few seconds. */
    @Override
    public void close() {
        var unused = provider.shutdown().join(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }
}
