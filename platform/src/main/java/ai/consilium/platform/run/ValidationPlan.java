package ai.consilium.platform.run;

import static ai.consilium.platform.config.Require.require;
import static ai.consilium.platform.config.Require.requireAtLeast;

import ai.consilium.platform.examination.ExaminedGroup;
import ai.consilium.schemas.PolicyUpdate;
import ai.consilium.schemas.Topics;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Validation while training (docs/EVALUATION.md, While a run trains): which versions of the experts are examined, on how many
 * cases. The scheduler opens the prompts by it, workers keep what it asks for, learner and merger know by it what is still to come.
 *
 * @param interval updates between two examinations, the first of version 0, one more of the last version; 0: none
 * @param cases of each specialty's validation cases, at most
 * @param perspectives under which each case is asked as well as without a guideline; only what is asked without counts in comparisons
 *     of versions
 */
public record ValidationPlan(int interval, int cases, List<String> perspectives) {
    /** Without one. */
    public static final ValidationPlan NONE = new ValidationPlan(0, 1, List.of());

    /** Checks the values. */
    public ValidationPlan {
        requireAtLeast("interval", 0, interval);
        requireAtLeast("cases", 1, cases);
        perspectives = List.copyOf(perspectives);
        require(
                !perspectives.contains(ExaminedGroup.UNGUIDED)
                        && Set.copyOf(perspectives).size() == perspectives.size(),
                "perspectives must each be named once, without " + ExaminedGroup.UNGUIDED + ", which is always asked");
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

    /** How each case is asked, first without a guideline. */
    public List<String> asked() {
        return Stream.concat(Stream.of(ExaminedGroup.UNGUIDED), perspectives.stream())
                .toList();
    }

    /** How many questions a version is asked. @param cases that it answers */
    public int questions(int cases) {
        return Math.multiplyExact(cases, 1 + perspectives.size());
    }
}
