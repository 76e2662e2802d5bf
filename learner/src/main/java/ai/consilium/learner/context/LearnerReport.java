package ai.consilium.learner.context;

import ai.consilium.platform.run.EventLabels;
import ai.consilium.platform.run.Phases;
import ai.consilium.platform.run.RunEvents;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.EventKind;
import ai.consilium.schemas.Outcome;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;

/** What one learner tells people, the monitor and Prometheus: each figure once as an event and once as a meter. */
public final class LearnerReport {
    private final String specialty;
    private final String phase;
    private final RunEvents events;
    private final MeterRegistry meters;
    private final Map<String, AtomicReference<Double>> gauges = new ConcurrentHashMap<>();

    /** @param phase of its steps, one of {@link Phases} */
    public LearnerReport(String specialty, String phase, RunEvents events, MeterRegistry meters) {
        this.specialty = specialty;
        this.phase = phase;
        this.events = events;
        this.meters = meters;
        // From 0 on: what appears with its first count has no rise that an alert could see.
        meters.counter(MetricNames.LEARNER_STEPS_SKIPPED, "specialty", specialty);
        List.of(Outcome.REJECTED, Outcome.STALE, Outcome.UNUSED).forEach(outcome -> countRefused(outcome, 0));
    }

    /** A phase begins, one of {@link Phases}. */
    public void phase(String phase, String message) {
        events.emit(EventKind.PHASE, specialty + ": " + message, Map.of(), labels(phase));
    }

    /** The adaptation has come this far. */
    public void adapting(int step, int steps, Map<String, Double> figures) {
        Map<String, Double> all = new TreeMap<>(figures);
        all.put("step", (double) step);
        all.put("steps", (double) steps);
        events.emit(
                EventKind.PROGRESS,
                String.format(
                        Locale.ROOT, "%s: adaptation %d of %d, loss %.3f", specialty, step, steps, figures.get("loss")),
                all,
                labels(Phases.DSA));
    }

    /** A version was published. */
    public void published(long version, long last, Map<String, Double> figures) {
        Map<String, Double> all = new TreeMap<>(figures);
        all.put("step", (double) version);
        all.put("steps", (double) last);
        Map<String, String> labels = new TreeMap<>(labels(version == 0 ? Phases.DSA : phase));
        labels.put(EventLabels.VERSION, Long.toString(version));
        String learnt = told(figures, "reward", "reward/mean") + told(figures, "distance to the experts", "distill/kl");
        events.emit(
                EventKind.FIGURES,
                "%s: version %d of %d published%s".formatted(specialty, version, last, learnt),
                all,
                labels);
        all.forEach(this::gauge);
    }

    private static String told(Map<String, Double> figures, String what, String name) {
        Double value = figures.get(name);
        return value == null ? "" : String.format(Locale.ROOT, ", %s %.3f", what, value);
    }

    /** A group was refused. That some are stale, or left over, is normal: only their outcome and the meter tell of them. */
    public void refused(String groupId, Outcome outcome, String reason) {
        countRefused(outcome, 1);
        if (outcome == Outcome.STALE || outcome == Outcome.UNUSED) {
            return;
        }
        Map<String, String> labels = new TreeMap<>(labels(phase));
        labels.put(EventLabels.GROUP, groupId);
        labels.put(EventLabels.OUTCOME, outcome.name());
        events.emit(EventKind.REFUSED, "group " + groupId + " refused: " + reason, Map.of(), labels);
    }

    /** A step was skipped, and its groups with it. */
    public void skipped(long version, List<String> groupIds, String reason) {
        meters.counter(MetricNames.LEARNER_STEPS_SKIPPED, "specialty", specialty)
                .increment();
        countRefused(Outcome.REJECTED, groupIds.size());
        events.emit(
                EventKind.REFUSED,
                "%s: a step towards version %d was skipped, groups %s: %s"
                        .formatted(specialty, version, String.join(", ", groupIds), reason),
                Map.of("groups", (double) groupIds.size()),
                labels(phase));
    }

    private void countRefused(Outcome outcome, int groups) {
        meters.counter(
                        MetricNames.LEARNER_GROUPS_REFUSED,
                        "specialty",
                        specialty,
                        "outcome",
                        outcome.name().toLowerCase(Locale.ROOT))
                .increment(groups);
    }

    private void gauge(String name, double value) {
        gauges.computeIfAbsent(name, this::register).set(value);
    }

    private AtomicReference<Double> register(String name) {
        AtomicReference<Double> current = new AtomicReference<>(0.0);
        meters.gauge(
                MetricNames.LEARNER_FIGURE,
                Tags.of("specialty", specialty, "name", name),
                current,
                AtomicReference::get);
        return current;
    }

    private Map<String, String> labels(String phase) {
        return Map.of(EventLabels.SPECIALTY, specialty, EventLabels.PHASE, phase);
    }
}
