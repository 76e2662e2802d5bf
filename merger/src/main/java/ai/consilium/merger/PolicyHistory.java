package ai.consilium.merger;

import ai.consilium.platform.run.ValidationPlan;
import ai.consilium.schemas.FoldedAgent;
import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import ai.consilium.schemas.UnifiedAgent;
import ai.consilium.schemas.UpdateKind;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What the log says of the experts of a round and of the agent that is made of them. Pure; one thread. */
final class PolicyHistory {
    private final List<String> specialties;
    private final ValidationPlan validation;
    private final Map<String, Long> chosen;
    private final int round;
    private final Map<String, SortedMap<Long, PolicyUpdate>> versions = new HashMap<>();
    private final List<PolicyUpdate> unified = new ArrayList<>();

    /**
     * Of a run.
     *
     * @param validation which versions of the experts are examined, and may be merged
     * @param chosen versions of experts that are merged, by specialty; of the others the last is
     * @param round that the experts are of
     */
    PolicyHistory(List<String> specialties, ValidationPlan validation, Map<String, Long> chosen, int round) {
        this.specialties = specialties;
        this.validation = validation;
        this.chosen = Map.copyOf(chosen);
        this.round = round;
    }

    /** The same, with other versions of the experts to merge. */
    PolicyHistory choosing(Map<String, Long> versionBySpecialty) {
        PolicyHistory other = new PolicyHistory(specialties, validation, versionBySpecialty, round);
        versions.values().forEach(of -> of.values().forEach(other::add));
        unified.forEach(other::add);
        return other;
    }

    /** The round that the experts are of. */
    int round() {
        return round;
    }

    /** Versions of experts that are merged although they are not the last, by specialty. */
    Map<String, Long> chosen() {
        return chosen;
    }

    /** Takes note of an update. */
    void add(PolicyUpdate update) {
        if (update.getSpecialty().equals(Topics.UNIFIED)) {
            unified.add(update);
        } else if (update.getRound() == round) {
            SortedMap<Long, PolicyUpdate> of =
                    versions.computeIfAbsent(update.getSpecialty(), specialty -> new TreeMap<>());
            of.putIfAbsent(update.getVersion(), update);
            // What cannot be merged any more need not be known.
            of.headMap(of.lastKey()).values().removeIf(older -> !validation.examines(older));
        }
    }

    /** Specialties whose final version has not been seen. */
    List<String> unfinished() {
        return specialties.stream()
                .filter(specialty -> {
                    SortedMap<Long, PolicyUpdate> of = versionsOf(specialty);
                    return of.isEmpty()
                            || !Objects.requireNonNull(of.get(of.lastKey())).getFinalVersion();
                })
                .toList();
    }

    /** What is merged: a version of each specialty, in configuration order; only once none is unfinished. */
    List<PolicyUpdate> experts() {
        List<PolicyUpdate> experts = new ArrayList<>();
        for (String specialty : specialties) {
            SortedMap<Long, PolicyUpdate> of = versionsOf(specialty);
            Long version = chosen.getOrDefault(specialty, of.lastKey());
            experts.add(Objects.requireNonNull(of.get(version), specialty));
        }
        return experts;
    }

    /** @throws IllegalStateException when the experts were not all trained over the same weights */
    void requireOneBase() {
        Map<String, List<String>> bases = new TreeMap<>();
        for (PolicyUpdate expert : experts()) {
            FoldedAgent folded = expert.getFoldedAgent();
            bases.computeIfAbsent(
                            folded == null
                                    ? "the model itself"
                                    : "unified version %d folded to weights with SHA-256 %s"
                                            .formatted(folded.getVersion(), folded.getWeightsSha256()),
                            base -> new ArrayList<>())
                    .add(expert.getSpecialty());
        }
        if (bases.size() > 1) {
            throw new IllegalStateException(
                    "the experts were trained over different bases, and cannot be merged: " + bases);
        }
    }

    /** Versions of the experts that are examined. */
    List<PolicyUpdate> examined() {
        return specialties.stream()
                .flatMap(specialty -> versionsOf(specialty).values().stream())
                .filter(validation::examines)
                .toList();
    }

    private SortedMap<Long, PolicyUpdate> versionsOf(String specialty) {
        return versions.getOrDefault(specialty, Collections.emptySortedMap());
    }

    /**
     * What all experts started from: version 0 of the unified agent, later what the round before ended with; empty when they started
     * from the base.
     */
    Optional<PolicyUpdate> shared() {
        return unified.stream()
                .filter(update -> round == 0 ? update.getVersion() == 0 : endOf(update, round - 1))
                .findFirst();
    }

    /** Whether the round has ended: the agent that the next one starts from stands on the log. */
    boolean closed() {
        return unified.stream().anyMatch(update -> endOf(update, round));
    }

    /** Whether no other round follows this one, because the run was told to stop. */
    boolean last() {
        return unified.stream().anyMatch(update -> endOf(update, round) && UnifiedAgent.endsRun(update));
    }

    private static boolean endOf(PolicyUpdate update, int number) {
        return UnifiedAgent.isAgent(update) && update.getRound() == number;
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

    /** While the log is read, what was made of the experts of a round before comes first. */
    private boolean fromThese(PolicyUpdate update) {
        return unfinished().isEmpty() && update.getParents().containsAll(parents(experts()));
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
