package ai.consilium.reward.scorer;

import ai.consilium.schemas.Component;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type of scorer that only tests know: whether a completion has few words. */
public final class BrevityType implements ScorerType {
    record BrevityKeys(int mostWords, @Nullable String perspective) implements Keys {
        BrevityKeys {
            if (mostWords < 1) {
                throw new IllegalArgumentException("most_words: must be at least 1, not " + mostWords);
            }
        }

        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(perspective, new BrevityCheck(1, mostWords));
        }
    }

    record BrevityCheck(int revision, int mostWords) implements Definition {
        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new LocalScorer(identity, component(), this::score);
        }

        private Verdict score(ScoringRequest submission) {
            boolean brief = submission.completion().split(" ").length <= mostWords;
            return new Verdict.Scored(brief ? 1 : 0, List.of());
        }
    }

    @Override
    public String name() {
        return "brevity";
    }

    @Override
    public Class<? extends Keys> keys() {
        return BrevityKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return BrevityCheck.class;
    }
}
