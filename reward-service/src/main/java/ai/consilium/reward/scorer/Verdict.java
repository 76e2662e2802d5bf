package ai.consilium.reward.scorer;

import java.util.List;

/** What a scorer says. Unscored is never 0 (docs/algorithms.md, Words): it stays unobserved in the advantages. */
public sealed interface Verdict {
    /**
     * A score.
     *
     * @param value in [0, 1]
     * @param evidence what it rests on, for people
     */
    record Scored(double value, List<String> evidence) implements Verdict {
        /** Refuses what is no score. */
        public Scored {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException("score " + value + " is not in [0, 1]");
            }
            evidence = List.copyOf(evidence);
        }
    }

    /**
     * No score.
     *
     * @param reason why, for people
     */
    record Unscored(String reason) implements Verdict {}
}
