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
import java.util.TreeMap;

/**
 * How examined versions did, by the outcomes of their groups. Outcomes may be entered in any order and more than once; of a group's
 * the first counts. One thread only.
 */
public final class Examinations {
    private final Map<String, NavigableMap<Long, Map<Integer, OptionalDouble>>> answers = new HashMap<>();

    /**
     * Of one version.
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
        Optional<ExaminedGroup> group = ExaminedGroup.of(outcome);
        if (group.isEmpty()) {
            return false;
        }
        Map<Integer, OptionalDouble> version = answers.computeIfAbsent(
                        group.get().policy(), policy -> new TreeMap<>())
                .computeIfAbsent(group.get().version(), number -> new HashMap<>());
        return version.putIfAbsent(group.get().place(), answer(outcome)) == null;
    }

    /** What could not be examined says nothing: it is no wrong answer. */
    private static OptionalDouble answer(GroupOutcome outcome) {
        Double right = outcome.getPassRate();
        return outcome.getOutcome() == Outcome.EXAMINED && right != null
                ? OptionalDouble.of(right)
                : OptionalDouble.empty();
    }

    /** How a version did so far. */
    public Mark of(String policy, long version) {
        return versions(policy).getOrDefault(version, Mark.NONE);
    }

    /** How the versions of a policy did so far, those of which something is known. */
    public NavigableMap<Long, Mark> versions(String policy) {
        NavigableMap<Long, Mark> marks = new TreeMap<>();
        answers.getOrDefault(policy, Collections.emptyNavigableMap())
                .forEach((version, of) -> marks.put(version, mark(of)));
        return marks;
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
