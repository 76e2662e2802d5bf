package ai.consilium.cli.rescore;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What rescoring a run came to. Pure.
 *
 * @param work what was done
 * @param check whether every recorded advantage came out bit for bit; null where another configuration was asked for
 * @param groups that were compared
 * @param changedGroups of which an advantage or a score came out otherwise
 * @param newlyFiltered groups that would be left out, since no component of their reward would vary
 * @param noLongerFiltered groups that were left out, and would be trained on
 * @param overall of the groups that have advantages before or after
 * @param byScorer by name
 * @param mostChanged by mean absolute change, the largest first
 */
record RescoreSummary(
        Work work,
        @Nullable Check check,
        int groups,
        int changedGroups,
        int newlyFiltered,
        int noLongerFiltered,
        Agreement overall,
        SortedMap<String, Agreement> bySpecialty,
        SortedMap<String, Agreement> byPerspective,
        SortedMap<String, ScorerTally> byScorer,
        List<GroupChange> mostChanged) {
    /**
     * What was done.
     *
     * @param recorded hashes of the scoring configurations that the run was scored by
     * @param applied those that it was scored by now
     * @param trajectories that were scored again or taken over
     * @param asked scores that a scorer was asked for; the others were taken over
     * @param seconds from the first record read to the last advantage
     * @param others groups without advantages, by why
     * @param uncertain groups that were left out: what counted in them is no longer on the log, or cannot be told
     * @param batchNormalised whether advantages are normalised over the learner's batch before they are used
     */
    record Work(
            List<String> recorded,
            List<String> applied,
            long trajectories,
            long asked,
            double seconds,
            SortedMap<String, Long> others,
            long uncertain,
            boolean batchNormalised) {
        double rate() {
            return seconds == 0 ? 0 : trajectories / seconds;
        }
    }

    /**
     * The run's own configuration, applied again.
     *
     * @param exact whether everything came out as recorded
     * @param first the first group, in the order of the prompts, that did not
     */
    record Check(boolean exact, @Nullable GroupChange first) {}

    /**
     * Sums up.
     *
     * @param own whether the run's own configuration was applied, and nobody was asked who may say something else today
     * @param top how many of the most changed groups are named
     */
    static RescoreSummary of(
            Work work, boolean own, List<GroupChange> groups, SortedMap<String, ScorerTally> byScorer, int top) {
        List<GroupChange> changed = groups.stream().filter(GroupChange::changed).toList();
        List<GroupChange> signal = groups.stream()
                .filter(group -> !group.filteredBefore() || !group.filteredAfter())
                .toList();
        return new RescoreSummary(
                work,
                own ? new Check(changed.isEmpty(), changed.isEmpty() ? null : changed.get(0)) : null,
                groups.size(),
                changed.size(),
                (int) groups.stream()
                        .filter(group -> !group.filteredBefore() && group.filteredAfter())
                        .count(),
                (int) groups.stream()
                        .filter(group -> group.filteredBefore() && !group.filteredAfter())
                        .count(),
                Agreement.of(signal.stream()
                        .flatMap(group -> group.members().stream())
                        .toList()),
                by(signal, (group, member) -> group.specialty()),
                by(signal, (group, member) -> member.perspective()),
                byScorer,
                changed.stream()
                        .sorted(Comparator.comparingDouble(GroupChange::change)
                                .reversed()
                                .thenComparing(GroupChange::groupId))
                        .limit(top)
                        .toList());
    }

    private record Keyed(String key, GroupChange.Member member) {}

    private static SortedMap<String, Agreement> by(
            List<GroupChange> groups, BiFunction<GroupChange, GroupChange.Member, String> key) {
        SortedMap<String, List<GroupChange.Member>> members = new TreeMap<>();
        groups.stream()
                .flatMap(group -> group.members().stream().map(member -> new Keyed(key.apply(group, member), member)))
                .forEach(one -> members.computeIfAbsent(one.key(), k -> new ArrayList<>())
                        .add(one.member()));
        SortedMap<String, Agreement> agreements = new TreeMap<>();
        members.forEach((name, own) -> agreements.put(name, Agreement.of(own)));
        return agreements;
    }

    /** Rows of tables: overall, then by specialty, then by perspective. */
    List<Row> rows() {
        return Stream.of(
                        Stream.of(new Row("all", overall)),
                        bySpecialty.entrySet().stream().map(one -> new Row(one.getKey(), one.getValue())),
                        byPerspective.entrySet().stream().map(one -> new Row(one.getKey(), one.getValue())))
                .flatMap(rows -> rows)
                .toList();
    }

    /** A named agreement. */
    record Row(String name, Agreement agreement) {}
}
