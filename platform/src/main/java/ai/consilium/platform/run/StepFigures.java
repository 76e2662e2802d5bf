package ai.consilium.platform.run;

import java.util.Optional;
import java.util.OptionalInt;

/** Names of those figures of an update that are made of something: the learner writes them, the live page draws them. */
public final class StepFigures {
    /** Versions; what is older is counted with it. */
    public static final int OLDEST = 16;

    private static final String ACCURACY = "reward/accuracy/";
    private static final String STALE_GROUPS = "staleness/groups/";

    private StepFigures() {}

    /** Mean accuracy of the completions that were sampled under a perspective. */
    public static String accuracy(String perspective) {
        return ACCURACY + perspective;
    }

    /** The perspective of {@link #accuracy}; empty of another figure's name. */
    public static Optional<String> perspective(String figure) {
        return figure.startsWith(ACCURACY) ? Optional.of(figure.substring(ACCURACY.length())) : Optional.empty();
    }

    /** How many groups of the step were so many versions old; {@link #OLDEST} and more are one figure. */
    public static String staleGroups(long versions) {
        return STALE_GROUPS + Math.min(versions, OLDEST);
    }

    /** How old the groups are that {@link #staleGroups} counts, 0 to {@link #OLDEST}; empty of another figure's name. */
    public static OptionalInt versionsOld(String figure) {
        if (!figure.startsWith(STALE_GROUPS)) {
            return OptionalInt.empty();
        }
        String versions = figure.substring(STALE_GROUPS.length());
        return versions.matches("\\d|1[0-6]") ? OptionalInt.of(Integer.parseInt(versions)) : OptionalInt.empty();
    }
}
