package ai.consilium.reward.scorer.builtin;

import static ai.consilium.platform.config.Require.require;

import ai.consilium.reward.scorer.LocalScorer;
import ai.consilium.reward.scorer.Scorer;
import ai.consilium.reward.scorer.ScorerType;
import ai.consilium.reward.scorer.Verdict;
import ai.consilium.schemas.Component;
import org.jspecify.annotations.Nullable;

/** Type {@code kafka}: a process of somebody else that reads trajectories and writes scores by itself (docs/REWARDS.md). */
public final class KafkaType implements ScorerType {
    private static final int LONGEST_REVISION = 200;

    /**
     * Whose trajectories it scores; where it runs is not known here.
     *
     * @param perspective absent: all
     * @param revision what its authors call the version of what it computes; part of the scoring configuration
     */
    public record KafkaKeys(
            @Nullable String perspective, @Nullable String revision) implements Keys {
        /** Checks what can be checked. */
        public KafkaKeys {
            require(
                    revision == null || !revision.isBlank() && revision.length() <= LONGEST_REVISION,
                    "revision: must have 1 to " + LONGEST_REVISION + " characters");
        }

        @Override
        public Defined define(Surroundings surroundings) {
            return new Defined(perspective, new ProcessCheck(revision));
        }
    }

    /** A process, by what its authors call its version. */
    record ProcessCheck(@Nullable String revision) implements Definition {
        @Override
        public Component component() {
            return Component.GUIDELINE;
        }

        @Override
        public boolean external() {
            return true;
        }

        @Override
        public Scorer scorer(Identity identity, Resources resources) {
            return new LocalScorer(
                    identity,
                    component(),
                    asked -> new Verdict.Unscored("reads trajectories and writes scores by itself"));
        }
    }

    @Override
    public String name() {
        return "kafka";
    }

    @Override
    public Class<? extends Keys> keys() {
        return KafkaKeys.class;
    }

    @Override
    public Class<? extends Definition> definition() {
        return ProcessCheck.class;
    }
}
