package ai.consilium.reward.gaming;

import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * When the guidelines that are trained on and a shadow drift apart. Over the last {@link #WINDOW} steps, compared with as many
 * before them, the mean trained score has climbed and the mean shadow score has fallen, each by at least {@link #MARGIN} and
 * twice the standard error of the difference: the samples have learnt what the trained guidelines reward and not what they are
 * for. Pure. (Gao et al., 2210.10760, call what happens then over-optimisation of a proxy.)
 */
final class GamingRule {
    /** Steps in each of the two windows that are compared. */
    static final int WINDOW = 10;
    /** Least change of either mean, of 1. */
    static final double MARGIN = 0.05;

    private static final double STANDARD_ERRORS = 2;

    /**
     * What has drifted.
     *
     * @param trained mean of the trained guidelines before, and by now
     * @param shadow the shadow's mean before, and by now
     */
    record Drift(double trainedBefore, double trained, double shadowBefore, double shadow) {
        /** For people. */
        String told() {
            return String.format(
                    Locale.ROOT,
                    "trained guidelines %.2f to %.2f, shadow %.2f to %.2f within %d steps",
                    trainedBefore,
                    trained,
                    shadowBefore,
                    shadow,
                    2 * WINDOW);
        }
    }

    /**
     * Looks at the last steps.
     *
     * @param steps that are over, the oldest first; those without a trajectory are not among them
     * @return empty while there are too few, or nothing is wrong
     */
    static Optional<Drift> drift(List<StepScores> steps) {
        if (steps.size() < 2 * WINDOW) {
            return Optional.empty();
        }
        StepScores before = sum(steps.subList(steps.size() - 2 * WINDOW, steps.size() - WINDOW));
        StepScores now = sum(steps.subList(steps.size() - WINDOW, steps.size()));
        boolean climbs =
                exceeds(now.trainedMean() - before.trainedMean(), before.trainedVariance() + now.trainedVariance());
        boolean falls = exceeds(before.shadowMean() - now.shadowMean(), before.shadowVariance() + now.shadowVariance());
        return climbs && falls
                ? Optional.of(new Drift(before.trainedMean(), now.trainedMean(), before.shadowMean(), now.shadowMean()))
                : Optional.empty();
    }

    private static boolean exceeds(double change, double variance) {
        return change >= MARGIN && change > STANDARD_ERRORS * Math.sqrt(variance);
    }

    private static StepScores sum(List<StepScores> steps) {
        return steps.stream().reduce(StepScores.NONE, StepScores::plus);
    }

    private GamingRule() {}
}
