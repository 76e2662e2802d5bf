package ai.consilium.runlog;

import ai.consilium.platform.examination.Examinations;
import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The versions that a run is judged by.
 *
 * @param shared what all experts started from; empty when they started from the base
 * @param dsa supervised start by specialty
 * @param rl of each specialty the reinforced version that is merged: the last, or the best where it is kept
 * @param merged the newest merged agent, if the gate let one through
 */
public record PublishedVersions(
        Optional<PolicyUpdate> shared,
        Map<String, PolicyUpdate> dsa,
        Map<String, PolicyUpdate> rl,
        Optional<PolicyUpdate> merged) {

    /** Those that are on the log by now, of each specialty the last version. */
    public static PublishedVersions read(KafkaClients kafka) {
        return read(kafka, Map.of(), 0);
    }

    /**
     * Those that are on the log by now.
     *
     * @param examined on how many cases versions were examined, by specialty, where the best was kept
     * @param from first version of the last round
     */
    public static PublishedVersions read(KafkaClients kafka, Map<String, Integer> examined, long from) {
        Map<String, Long> best = new HashMap<>();
        if (!examined.isEmpty()) {
            Examinations examinations = new Examinations();
            TopicContent.read(kafka, Topics.GROUP_OUTCOMES, GroupOutcome.class, examinations::add);
            examined.forEach((specialty, cases) ->
                    examinations.best(specialty, cases, from).ifPresent(version -> best.put(specialty, version)));
        }
        Collector collector = new Collector(best);
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, collector::add);
        return collector.versions();
    }

    private static final class Collector {
        private final Map<String, Long> best;
        private final Map<String, PolicyUpdate> dsa = new LinkedHashMap<>();
        private final Map<String, PolicyUpdate> rl = new LinkedHashMap<>();
        private @Nullable PolicyUpdate merged;

        Collector(Map<String, Long> best) {
            this.best = best;
        }

        void add(PolicyUpdate update) {
            switch (update.getKind()) {
                case MERGE -> merged = UnifiedAgent.isAgent(update) ? update : merged;
                case DISTILLATION -> {
                    // On its way to the agent: the gate publishes what comes of it.
                }
                case DSA -> {
                    dsa.putIfAbsent(update.getSpecialty(), update);
                    expert(update);
                }
                case REINFORCEMENT -> expert(update);
            }
        }

        /** Version 0 is one only if it was the best. */
        private void expert(PolicyUpdate update) {
            Long version = best.get(update.getSpecialty());
            if (version == null ? update.getKind() == UpdateKind.REINFORCEMENT : version == update.getVersion()) {
                rl.put(update.getSpecialty(), update);
            }
        }

        PublishedVersions versions() {
            Optional<PolicyUpdate> shared = Optional.ofNullable(dsa.remove(Topics.UNIFIED));
            return new PublishedVersions(shared, dsa, rl, Optional.ofNullable(merged));
        }
    }
}
