package ai.consilium.reward.scorer.builtin;

import ai.consilium.cases.grading.Grading.Mode;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Type {@code accuracy}: see {@link AccuracyScorer}. */
public final class AccuracyType implements ScorerType {
    private static final int REVISION = 1;

    /** It has none. */
    public record NoKeys() implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(
                    null,
                    new AccuracyCheck(
                            REVISION,
                            surroundings.answer() == Mode.STRICT ? null : surroundings.answer(),
                            UsualEndTokens.unless(surroundings.ends())));
        }
    }

    /**
     * Answer extraction.
     *
     * @param revision of the code
     * @param answer how answers are found; absent: strictly
     * @param endTokens what ends a completion; absent: the end of the turn
     */
    record AccuracyCheck(
            int revision, @Nullable Mode answer, @Nullable List<String> endTokens) implements Definition {
        @Override
        public Component component() {
            return Component.ACCURACY;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new AccuracyScorer(identity, answer == null ? Mode.STRICT : answer, UsualEndTokens.or(endTokens));
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
