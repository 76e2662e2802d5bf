package ai.consilium.reward.rubric;

/**
 * What a judge said of a criterion.
 *
 * @param met in [0, 1]
 * @param answer in the judge's words: met, not met, or a choice
 * @param explanation why
 */
public record CriterionVerdict(double met, String answer, String explanation) {
    /** Refuses what is no share. */
    public CriterionVerdict {
        if (!(met >= 0 && met <= 1)) {
            throw new IllegalArgumentException("met " + met + " is not in [0, 1]");
        }
    }
}
