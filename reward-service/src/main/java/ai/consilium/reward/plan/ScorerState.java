package ai.consilium.reward.plan;

import java.util.Locale;

/** Where a scorer of a run is in its life. */
public enum ScorerState {
    /** Waited for, and part of every advantage: {@code required: true}. */
    ACTIVE,
    /** Scores, is reported, and counts nowhere. */
    SHADOW,
    /** Not asked any more; what it was stands on the log. */
    RETIRED;

    /** As commands print it. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
