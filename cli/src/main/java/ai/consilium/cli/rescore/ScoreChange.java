package ai.consilium.cli.rescore;

import ai.consilium.schemas.Score;
import ai.consilium.schemas.Scores;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A scorer that says something else of a trajectory than before.
 *
 * @param scorer its name
 * @param before what the log says; null where the scorer is new
 * @param after what it says now; null where the scorer is gone
 */
record ScoreChange(
        String scorer, @Nullable Judgement before, @Nullable Judgement after) {
    /**
     * What a scorer says.
     *
     * @param value in [0, 1]; null is unscored
     * @param unscored why there is no value
     * @param evidence behind it
     */
    record Judgement(@Nullable Double value, @Nullable String unscored, List<String> evidence) {
        static @Nullable Judgement of(@Nullable Score score) {
            return score == null
                    ? null
                    : new Judgement(score.getValue(), score.getUnscoredReason(), score.getEvidence());
        }

        /** The value for people. */
        static String shown(@Nullable Judgement judgement) {
            if (judgement == null) {
                return "-";
            }
            return judgement.value() == null ? "unscored" : String.valueOf(judgement.value());
        }
    }

    /** Those between two verdicts on one trajectory, shadows among them. Evidence alone is no change. */
    static List<ScoreChange> between(Scores before, Scores after) {
        Map<String, Score> old = byScorer(before);
        Map<String, Score> now = byScorer(after);
        Set<String> names = new LinkedHashSet<>(now.keySet());
        names.addAll(old.keySet());
        List<ScoreChange> changes = new ArrayList<>();
        for (String name : names) {
            Score then = old.get(name);
            Score today = now.get(name);
            boolean same = then != null && today != null && Objects.equals(then.getValue(), today.getValue());
            if (!same) {
                changes.add(new ScoreChange(name, Judgement.of(then), Judgement.of(today)));
            }
        }
        return changes;
    }

    /** Of several scores of one name the first counts, as in the advantages. */
    static Map<String, Score> byScorer(Scores scores) {
        Map<String, Score> byName = new LinkedHashMap<>();
        scores.getScores().forEach(score -> byName.putIfAbsent(score.getScorer(), score));
        return byName;
    }
}
