package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricFile;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Type {@code rubric}: see {@link RubricScorer}. */
public final class RubricType implements ScorerType {
    /** Grows with every change of what the criteria compute. */
    private static final int REVISION = 1;

    /**
     * Which rubric.
     *
     * @param file a path, or {@code shipped:NAME}
     * @param perspective whose trajectories it scores; absent: the rubric's own, or all
     */
    public record RubricKeys(String file, @Nullable String perspective) implements Keys {
        @Override
        public Defined define(Surroundings surroundings) {
            Rubric rubric = RubricFile.read("reward.scorers.file", file, surroundings.base());
            return new Defined(
                    perspective == null ? rubric.perspective() : perspective, new RubricCheck(REVISION, rubric));
        }
    }

    /**
     * A rubric, whole.
     *
     * @param revision of the criteria's code
     */
    record RubricCheck(int revision, Rubric rubric) implements Definition {
        RubricCheck {
            Objects.requireNonNull(rubric, "rubric is missing");
        }

        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new RubricScorer(identity.name(), identity.perspective(), identity.version(), rubric);
        }
    }

    @Override
    public String name() {
        return "rubric";
    }

    @Override
    public Class<? extends Keys> keys() {
        return RubricKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return RubricCheck.class;
    }
}
