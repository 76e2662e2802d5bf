package ai.consilium.runlog.provenance;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.UpdateKind;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * A published version of an adapter.
 *
 * @param name policy and version: {@code pediatrics@3}
 * @param kind dsa, reinforcement, merge or distillation
 * @param parents that it was made from
 * @param consumed input that its update consumed
 * @param groupIds that it was trained on, by its update (and so by the checkpoint that it was published from)
 * @param accounted whether the groups' outcomes name exactly the same groups
 * @param place of its update
 */
public record TracedVersion(
        String name,
        String kind,
        boolean finalVersion,
        String adapterHash,
        List<Parent> parents,
        List<Range> consumed,
        List<String> groupIds,
        boolean accounted,
        Map<String, Double> figures,
        String configHash,
        String writer,
        long createdMs,
        LogPlace place) {
    /** A version that another was made from. */
    public record Parent(String name, String adapterHash) {}

    /**
     * Records of a partition.
     *
     * @param from first offset
     * @param to one past the last
     */
    public record Range(String topic, int partition, long from, long to) {}

    /** Whether it is the end of a round in which the expert got no further. */
    public boolean endsEarly() {
        return finalVersion && groupIds.isEmpty() && accounted && kind.equals(label(UpdateKind.REINFORCEMENT));
    }

    private static String label(UpdateKind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    /** @param byOutcome groups whose outcomes name this version */
    static TracedVersion of(PolicyUpdate update, LogPlace place, Set<String> byOutcome) {
        return new TracedVersion(
                name(update.getSpecialty(), update.getVersion()),
                label(update.getKind()),
                update.getFinalVersion(),
                update.getAdapterHash(),
                update.getParents().stream()
                        .map(parent ->
                                new Parent(name(parent.getSpecialty(), parent.getVersion()), parent.getAdapterHash()))
                        .toList(),
                update.getConsumed().stream()
                        .map(range -> new Range(
                                range.getTopic(), range.getPartition(), range.getFromOffset(), range.getToOffset()))
                        .toList(),
                List.copyOf(update.getGroupIds()),
                Set.copyOf(update.getGroupIds()).equals(byOutcome),
                new TreeMap<>(update.getFigures()),
                update.getConfigHash(),
                update.getWriter(),
                update.getCreatedMs(),
                place);
    }

    static String name(String policy, long version) {
        return policy + "@" + version;
    }

    /** The version that was trained on a group, by the group's outcome. */
    static String name(GroupOutcome trained) {
        return name(trained.getSpecialty(), trained.getPolicyVersion());
    }
}
