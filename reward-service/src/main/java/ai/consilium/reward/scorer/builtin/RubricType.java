package ai.consilium.reward.scorer.builtin;

import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricDropout;
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
     * @param rubricDropout probability of each criterion to be left out for a group; absent: none is
     */
    public record RubricKeys(
            String file,
            @Nullable String perspective,
            @Nullable Double rubricDropout) implements Keys {
        /** Checks what can be checked without the file. */
        public RubricKeys {
            if (rubricDropout != null) {
                RubricDropout.requireRate(rubricDropout);
            }
        }

        /** Without dropout. */
        public RubricKeys(String file, @Nullable String perspective) {
            this(file, perspective, null);
        }

        @Override
        public Defined define(Surroundings surroundings) {
            Rubric rubric = RubricFile.read("reward.scorers.file", file, surroundings.base());
            return new Defined(
                    perspective == null ? rubric.perspective() : perspective,
                    new RubricCheck(REVISION, rubric, rubricDropout));
        }
    }

    /**
     * A rubric, whole.
     *
     * @param revision of the criteria's code
     * @param rubricDropout probability of each criterion to be left out; absent: none is
     */
    record RubricCheck(
            int revision, Rubric rubric, @Nullable Double rubricDropout) implements Definition {
        RubricCheck {
            Objects.requireNonNull(rubric, "rubric is missing");
        }

        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new RubricScorer(
                    identity.name(),
                    identity.perspective(),
                    identity.version(),
                    rubric,
                    rubricDropout == null ? null : new RubricDropout(rubricDropout));
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
