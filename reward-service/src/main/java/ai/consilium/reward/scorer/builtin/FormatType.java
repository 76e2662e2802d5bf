package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;

/** Type {@code format}: see {@link FormatScorer}. */
public final class FormatType implements ScorerType {
    private static final int REVISION = 1;

    /** It has none. */
    public record NoKeys() implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(null, new FormatCheck(REVISION));
        }
    }

    /**
     * Think, answer, end of text.
     *
     * @param revision of the code
     */
    record FormatCheck(int revision) implements Definition {
        @Override
        public Component component() {
            return Component.FORMAT;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new FormatScorer(identity.name(), identity.version());
        }
    }

    @Override
    public String name() {
        return "format";
    }

    @Override
    public Class<? extends Keys> keys() {
        return NoKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return FormatCheck.class;
    }
}
