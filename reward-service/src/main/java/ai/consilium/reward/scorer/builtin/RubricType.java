package ai.consilium.reward.scorer.builtin;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.platform.UsageException;
import ai.consilium.reward.judge.JudgeKeys;
import ai.consilium.reward.judge.JudgeSettings;
import ai.consilium.reward.judge.JudgedScorer;
import ai.consilium.reward.rubric.Rubric;
import ai.consilium.reward.rubric.RubricDropout;
import ai.consilium.reward.rubric.RubricFile;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.schemas.Component;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Type {@code rubric}: see {@link RubricScorer} and, with a judge, {@link JudgedScorer}. */
public final class RubricType implements ScorerType {
    /** Grows with every change of what the criteria compute. */
    private static final int REVISION = 1;
    /** Grows with every change of how a judge is asked and understood. */
    private static final int JUDGE_REVISION = 1;

    /**
     * Which rubric.
     *
     * @param file a path, or {@code shipped:NAME}
     * @param perspective whose trajectories it scores; absent: the rubric's own, or all
     * @param rubricDropout probability of each criterion to be left out for a group; absent: none is
     * @param judge who checks the criteria that are for a judge; absent: there are none
     */
    public record RubricKeys(
            String file,
            @Nullable String perspective,
            @Nullable Double rubricDropout,
            @Nullable JudgeKeys judge) implements Keys {
        /** Checks what can be checked without the file. */
        public RubricKeys {
            if (rubricDropout != null) {
                RubricDropout.requireRate(rubricDropout);
            }
        }

        /** Whole, and without a judge. */
        public RubricKeys(String file, @Nullable String perspective) {
            this(file, perspective, null, null);
        }

        @Override
        public Defined define(Surroundings surroundings) {
            Rubric rubric = RubricFile.readWithJudged("reward.scorers.file", file, surroundings.base());
            if (judge == null && !rubric.judged().isEmpty()) {
                throw new UsageException("reward.scorers: " + file + ": criterion '"
                        + rubric.judged().get(0).label()
                        + "' is for a judge: the scorer needs judge: {url: ..., model: ...}");
            }
            if (judge != null && rubric.judged().isEmpty()) {
                throw new UsageException(
                        "reward.scorers.judge: " + file + " has no criterion for a judge (kind: judge)");
            }
            JudgeSettings settings = judge == null ? null : judge.define(surroundings);
            return new Defined(
                    perspective == null ? rubric.perspective() : perspective,
                    new RubricCheck(
                            REVISION, rubric, rubricDropout, settings == null ? null : JUDGE_REVISION, settings));
        }
    }

    /**
     * A rubric, whole.
     *
     * @param revision of the criteria's code
     * @param rubricDropout probability of each criterion to be left out; null: none is
     * @param judgeRevision of the code that reads a judge's verdicts; null without a judge
     * @param judge who checks the criteria that are for a judge; null where there are none
     */
    record RubricCheck(
            int revision,
            Rubric rubric,
            @Nullable Double rubricDropout,
            @Nullable Integer judgeRevision,
            @Nullable JudgeSettings judge)
            implements Definition {
        RubricCheck {
            Objects.requireNonNull(rubric, "rubric is missing");
            require(
                    (judge == null) == rubric.judged().isEmpty(),
                    "judge: goes with criteria for a judge, and they with it");
        }

        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            RubricDropout dropout = rubricDropout == null ? null : new RubricDropout(rubricDropout);
            return judge == null
                    ? new RubricScorer(identity, rubric, dropout)
                    : new JudgedScorer(identity, rubric, dropout, judge, resources);
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
