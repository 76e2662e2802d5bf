package ai.consilium.merger;

import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;

/** What the log says of the experts and of the agent that is made of them. Pure; one thread. */
final class PolicyHistory {
    private final List<String> specialties;
    private final Map<String, PolicyUpdate> newest = new HashMap<>();
    private final List<PolicyUpdate> unified = new ArrayList<>();

    PolicyHistory(List<String> specialties) {
        this.specialties = specialties;
    }

    /** Takes note of an update. */
    void add(PolicyUpdate update) {
        if (update.getSpecialty().equals(Topics.UNIFIED)) {
            unified.add(update);
        } else {
            newest.merge(
                    update.getSpecialty(), update, (old, next) -> next.getVersion() > old.getVersion() ? next : old);
        }
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
            experts.add(Objects.requireNonNull(newest.get(specialty), specialty));
        }
        return experts;
    }

    /** What all experts started from: version 0 of the unified agent; empty when they started from the base. */
    Optional<PolicyUpdate> shared() {
        return unified.stream().filter(update -> update.getVersion() == 0).findFirst();
    }

    /** The agent that stands: the newest that the gate let through, or what the experts started from. */
    Optional<PolicyUpdate> standing() {
        return newest(update -> update.getVersion() == 0 || UnifiedAgent.isAgent(update));
    }

    /** Whether the agent that stands was made from exactly these experts. */
    boolean done() {
        return newest(update -> UnifiedAgent.isAgent(update) && fromThese(update))
                .isPresent();
    }

    /** These experts merged, if that stands on the log. */
    Optional<PolicyUpdate> merged() {
        return newest(update -> UnifiedAgent.isMergedStart(update) && fromThese(update));
    }

    /** What consolidation made of them, if it is over. */
    Optional<PolicyUpdate> consolidated() {
        return newest(
                update -> update.getKind() == UpdateKind.DISTILLATION && update.getFinalVersion() && fromThese(update));
    }

    /** The newest version of the unified agent, whatever it is. */
    long version() {
        return newest(update -> true).map(PolicyUpdate::getVersion).orElse(0L);
    }

    private boolean fromThese(PolicyUpdate update) {
        return update.getParents().containsAll(parents(experts()));
    }

    private Optional<PolicyUpdate> newest(Predicate<PolicyUpdate> which) {
        return unified.stream().filter(which).max(Comparator.comparingLong(PolicyUpdate::getVersion));
    }

    /** Names updates as parents. */
    static List<Parent> parents(List<PolicyUpdate> updates) {
        return updates.stream()
                .map(update -> new Parent(update.getSpecialty(), update.getVersion(), update.getAdapterHash()))
                .toList();
    }
}
