package ai.consilium.platform.examination;

import ai.consilium.schemas.GroupOutcome;
import ai.consilium.schemas.Outcome;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How examined versions did, by the outcomes of their groups. Outcomes may be entered in any order and more than once; of a group's
 * the first counts. One thread only.
 */
public final class Examinations {
    private final Map<String, NavigableMap<Long, SortedMap<String, Map<Integer, OptionalDouble>>>> answers =
            new HashMap<>();

    /**
     * Of one version under one perspective.
     *
     * @param ended groups that came to an end, in whatever way
     * @param examined those of them whose answer was judged
     * @param accuracy share of right answers among these; NaN for none
     */
    public record Mark(int ended, int examined, double accuracy) {
        private static final Mark NONE = new Mark(0, 0, Double.NaN);
    }

    /** A group ended. @return whether it was part of an examination, and this is its first end */
    public boolean add(GroupOutcome outcome) {
        return ExaminedGroup.of(outcome)
                .filter(group -> add(group, answer(outcome)))
                .isPresent();
    }

    /** A question was answered. @return whether this is its first end */
    public boolean add(ExaminedGroup group, OptionalDouble answer) {
        Map<Integer, OptionalDouble> version = answers.computeIfAbsent(group.policy(), policy -> new TreeMap<>())
                .computeIfAbsent(group.version(), number -> new TreeMap<>())
                .computeIfAbsent(group.perspective(), perspective -> new HashMap<>());
        return version.putIfAbsent(group.place(), answer) == null;
    }

    /** How right an answer is, 0..1. What could not be examined says nothing: it is no wrong answer. */
    public static OptionalDouble answer(GroupOutcome outcome) {
        Double right = outcome.getPassRate();
        return outcome.getOutcome() == Outcome.EXAMINED && right != null
                ? OptionalDouble.of(right)
                : OptionalDouble.empty();
    }

    /** Forgets a version. What comes of it later counts as if it were the first. */
    public void forget(String policy, long version) {
        answers.getOrDefault(policy, Collections.emptyNavigableMap()).remove(version);
    }

    /** How a version did so far without a guideline. */
    public Mark of(String policy, long version) {
        return marks(policy, version).getOrDefault(ExaminedGroup.UNGUIDED, Mark.NONE);
    }

    /** How a version did so far by perspective, those of which something is known; that without a guideline is one of them. */
    public SortedMap<String, Mark> marks(String policy, long version) {
        SortedMap<String, Mark> marks = new TreeMap<>();
        answers.getOrDefault(policy, Collections.emptyNavigableMap())
                .getOrDefault(version, Collections.emptySortedMap())
                .forEach((perspective, of) -> marks.put(perspective, mark(of)));
        return marks;
    }

    /** How many questions to a version came to an end, under whichever perspective. */
    public int ended(String policy, long version) {
        return answers
                .getOrDefault(policy, Collections.emptyNavigableMap())
                .getOrDefault(version, Collections.emptySortedMap())
                .values()
                .stream()
                .mapToInt(Map::size)
                .sum();
    }

    /** How the versions of a policy did so far without a guideline, those of which something is known. */
    public NavigableMap<Long, Mark> versions(String policy) {
        return versions(policy, ExaminedGroup.UNGUIDED);
    }

    /** How the versions of a policy did so far under a perspective, those of which something is known. */
    public NavigableMap<Long, Mark> versions(String policy, String perspective) {
        NavigableMap<Long, Mark> marks = new TreeMap<>();
        answers.getOrDefault(policy, Collections.emptyNavigableMap()).forEach((version, of) -> {
            Map<Integer, OptionalDouble> under = of.get(perspective);
            if (under != null) {
                marks.put(version, mark(under));
            }
        });
        return marks;
    }

    /** Perspectives under which a policy was asked, that without a guideline among them. */
    public SortedSet<String> perspectives(String policy) {
        SortedSet<String> perspectives = new TreeSet<>();
        answers.getOrDefault(policy, Collections.emptyNavigableMap())
                .values()
                .forEach(of -> perspectives.addAll(of.keySet()));
        return perspectives;
    }

    private static Mark mark(Map<Integer, OptionalDouble> answers) {
        // Sorted: versions are compared, and a sum of doubles depends on its order.
        double[] judged = answers.values().stream()
                .filter(OptionalDouble::isPresent)
                .mapToDouble(OptionalDouble::getAsDouble)
                .sorted()
                .toArray();
        double accuracy = Arrays.stream(judged).average().orElse(Double.NaN);
        return new Mark(answers.size(), judged.length, accuracy);
    }

    /**
     * The best version of a policy so far, of equal ones the later; only one whose cases were all examined can be it. A version that
     * is not the best once it was examined never becomes it.
     *
     * @param cases that each version answers
     * @param from first version that may be it: that of a round
     */
    public Optional<Long> best(String policy, int cases, long from) {
        Optional<Long> best = Optional.empty();
        double most = Double.NEGATIVE_INFINITY;
        for (Map.Entry<Long, Mark> version :
                versions(policy).tailMap(from, true).entrySet()) {
            Mark mark = version.getValue();
            if (mark.examined() >= cases && mark.accuracy() >= most) {
                best = Optional.of(version.getKey());
                most = mark.accuracy();
            }
        }
        return best;
    }
}
