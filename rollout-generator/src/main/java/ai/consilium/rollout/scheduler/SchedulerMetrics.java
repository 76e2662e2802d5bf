package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.Prompt;
import io.micrometer.core.instrument.Tags;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** The scheduler's meters. The books belong to one thread, so their figures are copied for the others. */
final class SchedulerMetrics {
    private final RunContext context;
    private final Map<String, AtomicLong> open = new LinkedHashMap<>();

    SchedulerMetrics(RunContext context) {
        this.context = context;
        for (String specialty : context.specialties()) {
            AtomicLong count = new AtomicLong();
            open.put(specialty, count);
            context.metrics().gauge(MetricNames.GROUPS_OPEN, Tags.of("specialty", specialty), count);
        }
    }

    /** Prompts were written. */
    void admitted(List<Prompt> prompts) {
        prompts.forEach(prompt -> context.metrics()
                .counter(MetricNames.PROMPTS_ADMITTED, "specialty", prompt.getSpecialty())
                .increment());
    }

    /** Copies the books' figures. */
    void show(AdmissionController admission) {
        open.forEach((specialty, count) -> count.set(admission.openCount(specialty)));
    }

    /** One line for people. */
    String summary(AdmissionController admission) {
        return open.keySet().stream()
                .map(specialty -> specialty + " " + admission.prompts(specialty) + " prompts, "
                        + admission.openCount(specialty) + " open")
                .collect(Collectors.joining("; "));
    }
}
