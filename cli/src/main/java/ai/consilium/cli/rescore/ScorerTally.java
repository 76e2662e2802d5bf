package ai.consilium.cli.rescore;

import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a scorer said of all trajectories before and after.
 *
 * @param changed trajectories of which it says something else
 */
record ScorerTally(Side before, Side after, long changed) {
    /**
     * One of both.
     *
     * @param scored trajectories with a value
     * @param unscored trajectories without
     * @param mean of the values; null where there is none
     */
    record Side(long scored, long unscored, @Nullable Double mean) {}

    private static final class Sum {
        private long scored;
        private long unscored;
        private double sum;

        void add(@Nullable Score score) {
            if (score == null) {
                return;
            }
            if (score.getValue() == null) {
                unscored++;
            } else {
                scored++;
                sum += score.getValue();
            }
        }

        Side side() {
            return new Side(scored, unscored, scored == 0 ? null : sum / scored);
        }
    }

    /** Adds up by scorer. Not thread-safe. */
    static final class Tallies {
        private final SortedMap<String, Sum> before = new TreeMap<>();
        private final SortedMap<String, Sum> after = new TreeMap<>();
        private final Map<String, Long> changed = new TreeMap<>();

        /** Adds a trajectory's. */
        void add(Scores recorded, Scores again) {
            add(before, recorded);
            add(after, again);
            ScoreChange.between(recorded, again).forEach(one -> changed.merge(one.scorer(), 1L, Long::sum));
        }

        private static void add(Map<String, Sum> sums, Scores scores) {
            ScoreChange.byScorer(scores)
                    .forEach((name, score) ->
                            sums.computeIfAbsent(name, n -> new Sum()).add(score));
        }

        SortedMap<String, ScorerTally> byScorer() {
            SortedMap<String, ScorerTally> tallies = new TreeMap<>();
            for (SortedMap<String, Sum> side : List.of(before, after)) {
                for (String name : side.keySet()) {
                    tallies.computeIfAbsent(
                            name,
                            n -> new ScorerTally(
                                    side(before, n), side(after, n), Objects.requireNonNullElse(changed.get(n), 0L)));
                }
            }
            return tallies;
        }

        private static Side side(Map<String, Sum> sums, String name) {
            return Objects.requireNonNullElseGet(sums.get(name), Sum::new).side();
        }
    }
}
