package ai.consilium.advantage.group;

import ai.consilium.schemas.Scores;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * What is remembered of a group after it closed, so that it closes once and late records are told from repeated ones.
 *
 * @param closedMs epoch milliseconds
 * @param how it closed, for people
 * @param samples sample indices whose member counted
 * @param settled trajectory ids that need nothing more: members that counted, and attempts superseded by them
 */
public record ClosedGroup(long closedMs, String how, Set<Integer> samples, Set<String> settled) {
    private static final String EXAMINED = "examined";
    private static final String FIELD = "\u001f";

    public ClosedGroup {
        samples = Set.copyOf(samples);
        settled = Set.copyOf(settled);
    }

    /** A group of which no member counted. */
    public static ClosedGroup without(long closedMs, String how) {
        return new ClosedGroup(closedMs, how, Set.of(), Set.of());
    }

    /** A group whose scored members counted. */
    public static ClosedGroup of(long closedMs, String how, OpenGroup group) {
        Set<Integer> samples = group.scored().keySet();
        Set<String> settled = group.attempts().inOrder().stream()
                .filter(a -> samples.contains(a.sample()))
                .map(Attempts.Attempt::trajectoryId)
                .collect(Collectors.toSet());
        return new ClosedGroup(closedMs, how, samples, settled);
    }

    /** A group whose members were only examined. */
    public static ClosedGroup examined(long closedMs, OpenGroup group) {
        return of(closedMs, EXAMINED, group);
    }

    /** Whether scores that come now are nothing that the group waited for: they are reports, and not late. */
    public boolean onlyReported(Scores scores, GroupScoringRule plan) {
        return !plan.awaits(scores, OpenGroup.waitsFor(how.equals(EXAMINED)));
    }

    public ClosedGroup withSettled(String trajectoryId) {
        Set<String> more = new HashSet<>(settled);
        more.add(trajectoryId);
        return new ClosedGroup(closedMs, how, samples, more);
    }

    /** As it stands in the store. */
    public String text() {
        String sampleList = new TreeSet<>(samples).stream().map(String::valueOf).collect(Collectors.joining(","));
        return String.join(FIELD, Long.toString(closedMs), how, sampleList, String.join(",", new TreeSet<>(settled)));
    }

    public static ClosedGroup parse(String text) {
        List<String> fields = Arrays.asList(text.split(FIELD, -1));
        return new ClosedGroup(
                Long.parseLong(fields.get(0)),
                fields.get(1),
                list(fields.get(2)).stream().map(Integer::valueOf).collect(Collectors.toSet()),
                new HashSet<>(list(fields.get(3))));
    }

    private static List<String> list(String joined) {
        return joined.isEmpty() ? List.of() : Arrays.asList(joined.split(",", -1));
    }
}
