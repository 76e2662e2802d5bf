package ai.consilium.runlog;

import ai.consilium.platform.kafka.KafkaClients;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The versions that a run is judged by.
 *
 * @param shared what all experts started from; empty when they started from the base
 * @param dsa supervised start by specialty
 * @param rl last reinforced version by specialty
 * @param merged the newest merged agent, if the gate let one through
 */
public record PublishedVersions(
        Optional<PolicyUpdate> shared,
        Map<String, PolicyUpdate> dsa,
        Map<String, PolicyUpdate> rl,
        Optional<PolicyUpdate> merged) {

    /** Those that are on the log by now. */
    public static PublishedVersions read(KafkaClients kafka) {
        Collector collector = new Collector();
        TopicContent.read(kafka, Topics.POLICY_UPDATES, PolicyUpdate.class, collector::add);
        return collector.versions();
    }

    private static final class Collector {
        private final Map<String, PolicyUpdate> dsa = new LinkedHashMap<>();
        private final Map<String, PolicyUpdate> rl = new LinkedHashMap<>();
        private @Nullable PolicyUpdate merged;

        void add(PolicyUpdate update) {
            switch (update.getKind()) {
                case MERGE -> merged = UnifiedAgent.isAgent(update) ? update : merged;
                case DISTILLATION -> {
                    // On its way to the agent: the gate publishes what comes of it.
                }
                case DSA -> dsa.put(update.getSpecialty(), update);
                case REINFORCEMENT -> rl.put(update.getSpecialty(), update);
            }
        }

        PublishedVersions versions() {
            Optional<PolicyUpdate> shared = Optional.ofNullable(dsa.remove(Topics.UNIFIED));
            return new PublishedVersions(shared, dsa, rl, Optional.ofNullable(merged));
        }
    }
}
