package ai.consilium.rollout.groups;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A set of group ids that stays small however many there are. A policy numbers its groups, {@code pediatrics-0},
 * {@code pediatrics-1} and so on: these are kept as ranges of numbers, other ids as they are. One thread only.
 */
public final class GroupSet {
    /** As {@link Long#toString} writes a number, so that no two ids are taken for one. */
    private static final Pattern NUMBERED = Pattern.compile("(.*-)(0|[1-9]\\d{0,17})");

    private final Map<String, NavigableMap<Long, Long>> ranges = new TreeMap<>();
    private final Set<String> others = new TreeSet<>();

    /**
     * What a set holds.
     *
     * @param ranges first and last numbers by what stands before them
     * @param others ids without a number
     */
    public record Content(SortedMap<String, List<Range>> ranges, SortedSet<String> others) {}

    /** Numbers without a gap. */
    public record Range(long first, long last) {}

    /** An empty one. */
    public GroupSet() {}

    /** One that holds what another held. */
    public GroupSet(Content content) {
        content.ranges().forEach((prefix, of) -> {
            NavigableMap<Long, Long> own = new TreeMap<>();
            of.forEach(range -> own.put(range.first(), range.last()));
            ranges.put(prefix, own);
        });
        others.addAll(content.others());
    }

    /** @return whether it was not in it before */
    public boolean add(String id) {
        Matcher parts = NUMBERED.matcher(id);
        return parts.matches()
                ? add(ranges.computeIfAbsent(parts.group(1), prefix -> new TreeMap<>()), Long.parseLong(parts.group(2)))
                : others.add(id);
    }

    private static boolean add(NavigableMap<Long, Long> ranges, long number) {
        Map.Entry<Long, Long> before = ranges.floorEntry(number);
        if (before != null && before.getValue() >= number) {
            return false;
        }
        long first = before != null && before.getValue() == number - 1 ? before.getKey() : number;
        Long behind = ranges.remove(number + 1);
        ranges.put(first, behind == null ? number : behind);
        return true;
    }

    /** Whether it was added. */
    public boolean contains(String id) {
        Matcher parts = NUMBERED.matcher(id);
        if (!parts.matches()) {
            return others.contains(id);
        }
        NavigableMap<Long, Long> of = ranges.get(parts.group(1));
        long number = Long.parseLong(parts.group(2));
        Map.Entry<Long, Long> before = of == null ? null : of.floorEntry(number);
        return before != null && before.getValue() >= number;
    }

    /** What it holds. */
    public Content content() {
        SortedMap<String, List<Range>> all = new TreeMap<>();
        ranges.forEach((prefix, of) -> {
            List<Range> list = new ArrayList<>();
            of.forEach((first, last) -> list.add(new Range(first, last)));
            all.put(prefix, list);
        });
        return new Content(all, new TreeSet<>(others));
    }
}
