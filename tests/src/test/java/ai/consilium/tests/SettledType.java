package ai.consilium.tests;

import ai.consilium.reward.scorer.LocalScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.ScoringRequest;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import java.util.List;

/** A type of scorer that only tests know: every answer of one specialty is right, and of the others about every second. */
public final class SettledType implements ScorerType {
    record SettledKeys(String specialty) implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(null, new SettledCheck(specialty));
        }
    }

    record SettledCheck(String specialty) implements Definition {
        @Override
        public Component component() {
            return Component.ACCURACY;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new LocalScorer(identity, component(), this::score);
        }

        private Verdict score(ScoringRequest asked) {
            boolean right = asked.about().specialty().equals(specialty)
                    || asked.completion().hashCode() % 2 == 0;
            return new Verdict.Scored(right ? 1 : 0, List.of());
        }
    }

    @Override
    public String name() {
        return "settled";
    }

    @Override
    public Class<? extends Keys> keys() {
        return SettledKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return SettledCheck.class;
    }
}
