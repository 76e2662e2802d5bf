package ai.consilium.platform.run;

import static ai.consilium.platform.config.Require.requireAtLeast;

import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;

/**
 * Validation while training (docs/EVALUATION.md, While a run trains): which versions of the experts are examined, on how many
 * cases. The scheduler opens the prompts by it, workers keep what it asks for, learner and merger know by it what is still to come.
 *
 * @param interval updates between two examinations, the first of version 0, one more of the last version; 0: none
 * @param cases of each specialty's validation cases, at most
 */
public record ValidationPlan(int interval, int cases) {
    /** Without one. */
    public static final ValidationPlan NONE = new ValidationPlan(0, 1);

    /** Checks the values. */
    public ValidationPlan {
        requireAtLeast("interval", 0, interval);
        requireAtLeast("cases", 1, cases);
    }

    /** Whether anything is examined. */
    public boolean wanted() {
        return interval > 0;
    }

    /** Whether a version is examined: of an expert, never of the unified agent, which the merger examines. */
    public boolean examines(PolicyUpdate update) {
        return wanted()
                && !update.getSpecialty().equals(Topics.UNIFIED)
                && (update.getVersion() % interval == 0 || update.getFinalVersion());
    }

    /** How many cases a version answers. @param there validation cases of its specialty */
    public int casesOf(long there) {
        return (int) Math.min(cases, there);
    }
}
