package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;

/** Type {@code accuracy}: see {@link AccuracyScorer}. */
public final class AccuracyType implements ScorerType {
    private static final int REVISION = 1;

    /** It has none. */
    public record NoKeys() implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(null, new AccuracyCheck(REVISION));
        }
    }

    /**
     * Strict answer extraction.
     *
     * @param revision of the code
     */
    record AccuracyCheck(int revision) implements Definition {
        @Override
        public Component component() {
            return Component.ACCURACY;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new AccuracyScorer(identity.name(), identity.version());
        }
    }

    @Override
    public String name() {
        return "accuracy";
    }

    @Override
    public Class<? extends Keys> keys() {
        return NoKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return AccuracyCheck.class;
    }
}
