package ai.consilium.learner.lineage;

import ai.consilium.schemas.Parent;
import ai.consilium.schemas.PolicyUpdate;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The published versions of one specialty: what its trajectories may have been sampled by. Pure; one thread. */
public final class Lineage {
    private final String specialty;
    private final Set<Parent> elsewhere;
    private final SortedMap<Long, PolicyUpdate> updates = new TreeMap<>();

    public Lineage(String specialty) {
        this(specialty, Set.of());
    }

    /** @param elsewhere versions of another run that may have sampled, too */
    public Lineage(String specialty, Set<Parent> elsewhere) {
        this.specialty = specialty;
        this.elsewhere = Set.copyOf(elsewhere);
    }

    /** Takes note of an update; those of other specialties are none of its business. */
    public void add(PolicyUpdate update) {
        if (update.getSpecialty().equals(specialty)) {
            updates.putIfAbsent(update.getVersion(), update);
        }
    }

    /** Whether a version was published with this adapter. */
    public boolean holds(long version, String adapterHash) {
        PolicyUpdate update = updates.get(version);
        return update != null && update.getAdapterHash().equals(adapterHash);
    }

    /** Whether a version with this adapter may have sampled: one that was published here, or one of the run that is retrained. */
    public boolean mayHaveSampled(long version, String adapterHash) {
        return holds(version, adapterHash) || elsewhere.contains(new Parent(specialty, version, adapterHash));
    }

    /** A published version. */
    public Optional<PolicyUpdate> at(long version) {
        return Optional.ofNullable(updates.get(version));
    }

    /** Published versions before one, oldest first. */
    List<PolicyUpdate> before(long version) {
        return List.copyOf(updates.headMap(version).values());
    }

    /** Newest version that was published at a time (epoch milliseconds), -1 before the first. */
    public long newestAt(long epochMs) {
        long newest = -1;
        for (PolicyUpdate update : updates.values()) {
            if (update.getCreatedMs() <= epochMs) {
                newest = update.getVersion();
            }
        }
        return newest;
    }

    /** Newest published version up to one, -1 for none. */
    public long newestUpTo(long version) {
        SortedMap<Long, PolicyUpdate> earlier = updates.headMap(version + 1);
        return earlier.isEmpty() ? -1 : earlier.lastKey();
    }

    /** Newest published version, -1 before the first. */
    public long newest() {
        return updates.isEmpty() ? -1 : updates.lastKey();
    }
}
