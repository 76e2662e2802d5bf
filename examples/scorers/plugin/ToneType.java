package example;

import ai.consilium.reward.scorer.LocalScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.util.List;

/** A guideline in the reward service's own process: 1, less a malus for each "maybe". */
public class ToneType implements ScorerType {
    /** What stands in the configuration beside name and type. */
    record ToneKeys(double malus) implements Keys {
        ToneKeys {
            if (!(malus >= 0 && malus <= 1)) throw new IllegalArgumentException("malus: must be 0 to 1, not " + malus);
        }

        public Defined define(Surroundings surroundings) { return new Defined(null, new ToneCheck(malus)); }
    }

    /** What stands on the log: everything that decides on the score. */
    record ToneCheck(double malus) implements Definition {
        public Component component() { return Component.GUIDELINE; }

        public Scorer scorer(Identity identity, Resources resources) {
            return new LocalScorer(identity, component(), this::score);
        }

        Verdict score(ScoringRequest asked) {
            int hedges = asked.completion().toLowerCase().split("maybe", -1).length - 1;
            return new Verdict.Scored(Math.max(0, 1 - malus * hedges), List.of(hedges + " hedges"));
        }
    }

    public int api() { return API; }

    public String name() { return "tone"; }

    public Class<? extends Keys> keys() { return ToneKeys.class; }

    public Class<? extends Definition> definition() { return ToneCheck.class; }
}
