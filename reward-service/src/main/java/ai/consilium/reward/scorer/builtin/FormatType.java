package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Type {@code format}: see {@link FormatScorer}. */
public final class FormatType implements ScorerType {
    private static final int REVISION = 1;

    /** It has none. */
    public record NoKeys() implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(null, new FormatCheck(REVISION, UsualEndTokens.unless(surroundings.ends())));
        }
    }

    /**
     * Think, answer, end of text.
     *
     * @param revision of the code
     * @param endTokens what ends a completion; absent: the end of the turn
     */
    record FormatCheck(int revision, @Nullable List<String> endTokens) implements Definition {
        @Override
        public Component component() {
            return Component.FORMAT;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new FormatScorer(identity, UsualEndTokens.or(endTokens));
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
