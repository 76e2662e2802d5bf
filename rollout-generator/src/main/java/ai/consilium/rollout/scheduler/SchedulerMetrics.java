package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** The scheduler's meters. The books belong to one thread, so their figures are copied for the others. */
final class SchedulerMetrics {
    private final RunContext context;
    private final Map<String, AtomicLong> open = new LinkedHashMap<>();

    /** @param policies that prompts are admitted for */
    SchedulerMetrics(RunContext context, Collection<String> policies) {
        this.context = context;
        for (String policy : policies) {
            AtomicLong count = new AtomicLong();
            open.put(policy, count);
            context.metrics().gauge(MetricNames.GROUPS_OPEN, Tags.of("specialty", policy), count);
        }
    }

    /** Prompts were written. */
    void admitted(List<Prompt> prompts) {
        prompts.forEach(prompt -> context.metrics()
                .counter(MetricNames.PROMPTS_ADMITTED, "specialty", PolicyTable.policyOf(prompt))
                .increment());
    }

    /** Copies the books' figures. */
    void show(AdmissionController admission) {
        open.forEach((policy, count) -> count.set(admission.openCount(policy)));
    }

    /** One line for people. */
    String summary(AdmissionController admission) {
        return open.keySet().stream()
                .map(policy ->
                        policy + " " + admission.prompts(policy) + " prompts, " + admission.openCount(policy) + " open")
                .collect(Collectors.joining("; "));
    }
}
