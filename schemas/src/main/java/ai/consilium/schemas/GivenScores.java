package ai.consilium.schemas;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What the scores records of a trajectory come to: several processes may write some each. Pure. */
public final class GivenScores {
    private GivenScores() {}

    /** Why no score of a record counts, in words; null when nothing is wrong with its values. */
    public static @Nullable String problem(Scores scores) {
        for (Score score : scores.getScores()) {
            Double value = score.getValue();
            if (value != null && !(value >= 0 && value <= 1)) {
                return "scorer '" + score.getScorer() + "' gave " + value + ", which is not in [0, 1]";
            }
        }
        return null;
    }

    /** The scores of a record that came in time; empty when none is left, or none of them counts. */
    public static Optional<Scores> inTime(Scores scores) {
        List<Score> inTime =
                scores.getScores().stream().filter(score -> !score.getLate()).toList();
        if (problem(scores) != null || inTime.isEmpty() && !scores.getScores().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                inTime.size() == scores.getScores().size()
                        ? scores
                        : Scores.newBuilder(scores).setScores(inTime).build());
    }

    /**
     * Scores of a trajectory with those of a later record: of each scorer the first in the log counts.
     *
     * @return {@code before} itself when the later says nothing new
     */
    public static Scores with(Scores before, Scores later) {
        List<Score> all = new ArrayList<>(before.getScores());
        later.getScores().stream()
                .filter(score -> before.getScores().stream()
                        .noneMatch(known -> known.getScorer().equals(score.getScorer())))
                .forEach(all::add);
        return all.size() == before.getScores().size()
                ? before
                : Scores.newBuilder(before).setScores(all).build();
    }
}
