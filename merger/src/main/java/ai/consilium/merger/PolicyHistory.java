package ai.consilium.merger;

import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The newest version of every specialty and of the unified agent. Pure; one thread. */
final class PolicyHistory {
    private final List<String> specialties;
    private final Map<String, PolicyUpdate> newest = new HashMap<>();
    private @Nullable PolicyUpdate shared;

    PolicyHistory(List<String> specialties) {
        this.specialties = specialties;
    }

    /** Takes note of an update. */
    void add(PolicyUpdate update) {
        if (update.getSpecialty().equals(Topics.UNIFIED) && update.getVersion() == 0 && shared == null) {
            shared = update;
        }
        newest.merge(update.getSpecialty(), update, (old, next) -> next.getVersion() > old.getVersion() ? next : old);
    }

    /** Specialties whose final version has not been seen. */
    List<String> unfinished() {
        return specialties.stream()
                .filter(specialty -> {
                    PolicyUpdate update = newest.get(specialty);
                    return update == null || !update.getFinalVersion();
                })
                .toList();
    }

    /** Final versions of all specialties, in configuration order; only once none is unfinished. */
    List<PolicyUpdate> experts() {
        List<PolicyUpdate> experts = new ArrayList<>();
        for (String specialty : specialties) {
            experts.add(java.util.Objects.requireNonNull(newest.get(specialty), specialty));
        }
        return experts;
    }

    /** What all experts started from: version 0 of the unified agent; empty when they started from the base. */
    Optional<PolicyUpdate> shared() {
        return Optional.ofNullable(shared);
    }

    /** The unified agent that stands. */
    Optional<PolicyUpdate> unified() {
        return Optional.ofNullable(newest.get(Topics.UNIFIED));
    }

    /** Whether the unified agent that stands was made from exactly these experts. */
    boolean merged() {
        return unified()
                .map(update -> update.getParents().containsAll(parents(experts())))
                .orElse(false);
    }

    /** Names updates as parents. */
    static List<Parent> parents(List<PolicyUpdate> updates) {
        return updates.stream()
                .map(update -> new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash()))
                .toList();
    }
}
