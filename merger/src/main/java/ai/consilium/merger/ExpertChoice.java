package ai.consilium.merger;

import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.kafka.DeadLetters;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.run.RunContext;
import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which version of each expert is merged: the last one, or the one that did best while it trained. Examinations are waited for in
 * any case, so that the end of the run finds none open. What is chosen follows from the log alone.
 *
 * @param validation which versions were examined
 * @param cases on how many cases, by specialty
 * @param keepBest whether the best is merged
 */
record ExpertChoice(ValidationPlan validation, Map<String, Integer> cases, boolean keepBest) {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** Every expert's last version. */
    static final ExpertChoice LAST = new ExpertChoice(ValidationPlan.NONE, Map.of(), false);

    /** Copies the map. */
    ExpertChoice {
        cases = Map.copyOf(cases);
    }

    /**
     * Waits until every version that is to be examined is.
     *
     * @param examined those versions
     * @return version by specialty, of those whose last one is not taken; empty when asked to stop before
     */
    Optional<Map<String, Long>> await(
            List<PolicyUpdate> examined, RunContext context, DeadLetters deadLetters, Pulse pulse) {
        Examinations examinations = new Examinations();
        if (!examined.isEmpty()) {
            try (LogReader<GroupOutcome> reader = new LogReader<>(
                    context.kafka(), Topics.GROUP_OUTCOMES, GroupOutcome.class, deadLetters, null, Map.of())) {
                long open = examined.size();
                while (open > 0) {
                    if (pulse.stopping()) {
                        return Optional.empty();
                    }
                    pulse.idle("examinations of " + open + " versions of the experts");
                    reader.poll(PATIENCE).forEach(record -> {
                        examinations.add(record.value());
                        pulse.beat();
                    });
                    open = examined.stream()
                            .filter(update -> isOpen(update, examinations))
                            .count();
                }
            }
        }
        return Optional.of(keepBest ? best(examinations, examined) : Map.of());
    }

    private boolean isOpen(PolicyUpdate update, Examinations examinations) {
        int ended = examinations.ended(update.getSpecialty(), update.getVersion());
        return ended < validation.questions(cases.getOrDefault(update.getSpecialty(), 0));
    }

    private Map<String, Long> best(Examinations examinations, List<PolicyUpdate> examined) {
        Map<String, Long> best = new HashMap<>();
        cases.forEach((specialty, count) -> {
            // Of this round: those of earlier ones started from other agents.
            long first = examined.stream()
                    .filter(update -> update.getSpecialty().equals(specialty))
                    .mapToLong(PolicyUpdate::getVersion)
                    .min()
                    .orElse(Long.MAX_VALUE);
            examinations.best(specialty, count, first).ifPresent(version -> best.put(specialty, version));
        });
        return best;
    }
}
