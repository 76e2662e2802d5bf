package ai.consilium.learner.course;

import ai.consilium.learner.context.LearnerContext;
import ai.consilium.platform.kafka.LogReader;
import ai.consilium.platform.service.ServiceThread.Pulse;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What consolidation begins with: the merged experts, as the merger published them, and the experts.
 *
 * @param merged the candidate, version 1 or later of the unified agent
 * @param experts the teachers, those of its parents that are no unified agent
 * @param judged whether the gate has spoken of it already: then there is nothing left to teach
 */
public record MergedStart(PolicyUpdate merged, List<PolicyUpdate> experts, boolean judged) {
    private static final Duration PATIENCE = Duration.ofMillis(200);

    /** The teachers as they are named on the log. */
    List<Parent> parents() {
        return experts.stream()
                .map(expert -> new Parent(expert.getSpecialty(), expert.getVersion(), expert.getAdapterHash()))
                .toList();
    }

    /** Of the adapters that it begins with and learns from, by policy. */
    public Map<String, String> hashes() {
        Map<String, String> hashes = new HashMap<>();
        hashes.put(merged.getSpecialty(), merged.getAdapterHash());
        experts.forEach(expert -> hashes.put(expert.getSpecialty(), expert.getAdapterHash()));
        return hashes;
    }

    /**
     * Waits for the merge of the experts.
     *
     * @param round that the experts are of
     * @return empty when the run ended with the round before, and when asked to stop before
     */
    public static Optional<MergedStart> await(int round, LearnerContext context, Pulse pulse) {
        Seen seen = new Seen(round);
        try (LogReader<PolicyUpdate> reader = new LogReader<>(
                context.run().kafka(), Topics.POLICY_UPDATES, PolicyUpdate.class, context.deadLetters(), 0, Map.of())) {
            // Caught up, because what the gate said of it lies behind it.
            while (seen.merged == null || !reader.caughtUp()) {
                if (pulse.stopping() || seen.runEnded) {
                    return Optional.empty();
                }
                pulse.idle("the merge of the experts");
                reader.poll(PATIENCE).forEach(record -> seen.add(record.value()));
            }
        }
        pulse.beat();
        return Optional.of(seen.start());
    }

    private static final class Seen {
        private final Map<Parent, PolicyUpdate> updates = new HashMap<>();
        private final int round;
        private @Nullable PolicyUpdate merged;
        private boolean judged;
        private boolean runEnded;

        Seen(int round) {
            this.round = round;
        }

        void add(PolicyUpdate update) {
            updates.put(new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash()), update);
            runEnded |= UnifiedAgent.endsRun(update) && update.getRound() < round;
            if (update.getRound() != round) {
                return;
            }
            if (UnifiedAgent.isMergedStart(update)) {
                merged = update;
                judged = false;
            } else if (UnifiedAgent.isAgent(update)) {
                merged = merged == null ? update : merged;
                judged = true;
            }
        }

        MergedStart start() {
            PolicyUpdate from = java.util.Objects.requireNonNull(merged);
            List<PolicyUpdate> experts = new ArrayList<>();
            for (Parent parent : from.getParents()) {
                PolicyUpdate expert = updates.get(parent);
                if (expert != null && !parent.getSpecialty().equals(Topics.UNIFIED)) {
                    experts.add(expert);
                }
            }
            return new MergedStart(from, experts, judged);
        }
    }
}
