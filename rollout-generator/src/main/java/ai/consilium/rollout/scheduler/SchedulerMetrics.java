package ai.consilium.rollout.scheduler;

import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.service.MetricNames;
import ai.consilium.schemas.PolicyTable;
import ai.consilium.schemas.Prompt;
import io.micrometer.core.instrument.Tags;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** The scheduler's meters. The books belong to one thread, so their figures are copied for the others. */
final class SchedulerMetrics {
    private final RunContext context;
    private final Map<String, AtomicLong> open = new LinkedHashMap<>();
    private final Map<Asked, Newest> newest = new HashMap<>();

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
    void show(SchedulerState state) {
        open.forEach((policy, count) -> count.set(state.openCount(policy)));
    }

    /** Versions were examined; of each policy the newest is shown. */
    void examined(List<ExaminationBook.Examined> examined) {
        for (ExaminationBook.Examined one : examined) {
            one.marks().forEach((perspective, mark) -> {
                if (mark.examined() > 0) {
                    newest.computeIfAbsent(new Asked(one.policy(), perspective), this::register)
                            .show(one.version(), mark.accuracy());
                }
            });
        }
    }

    private Newest register(Asked asked) {
        Newest shown = new Newest();
        Tags tags = Tags.of("specialty", asked.policy(), "perspective", asked.perspective());
        context.metrics().gauge(MetricNames.VALIDATION_ACCURACY, tags, shown, of -> of.accuracy);
        context.metrics().gauge(MetricNames.VALIDATION_VERSION, tags, shown, of -> of.version);
        return shown;
    }

    /** A policy under one perspective. */
    private record Asked(String policy, String perspective) {}

    /** The newest version of a policy that was examined under a perspective. */
    private static final class Newest {
        private volatile double accuracy;
        private volatile long version = -1;

        void show(long examined, double right) {
            if (examined > version) {
                accuracy = right;
                version = examined;
            }
        }
    }

    /** One line for people. */
    String summary(SchedulerState state) {
        return open.keySet().stream()
                .map(policy -> policy + " " + state.prompts(policy) + " prompts, " + state.openCount(policy) + " open")
                .collect(Collectors.joining("; "));
    }
}
