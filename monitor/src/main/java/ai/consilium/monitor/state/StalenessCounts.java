package ai.consilium.monitor.state;

import ai.consilium.platform.run.StepFigures;
import ai.consilium.schemas.PolicyUpdate;

/** How old the groups were that steps were made of, as the updates tell it: the groups themselves do not stay on the log. */
final class StalenessCounts {
    private final long[] counts = new long[StepFigures.OLDEST + 1];

    void update(PolicyUpdate update) {
        update.getFigures()
                .forEach((figure, groups) ->
                        StepFigures.versionsOld(figure).ifPresent(versions -> counts[versions] += Math.round(groups)));
    }

    /** By versions; the last entry counts all that were older. */
    long[] counts() {
        return counts.clone();
    }
}
