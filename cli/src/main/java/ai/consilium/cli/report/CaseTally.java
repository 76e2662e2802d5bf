package ai.consilium.cli.report;

import ai.consilium.cases.grading.Grading;
import java.util.Map;
import java.util.Set;

/**
 * What one policy's samples of one case came to.
 *
 * @param offered texts of the options
 * @param right text of the right one
 * @param samples of the case
 * @param strict by strict extraction
 * @param lenient by lenient extraction
 * @param compat by compat extraction
 * @param truncated samples that were cut at the limit
 * @param tokens of all samples
 */
public record CaseTally(
        Set<String> offered,
        String right,
        int samples,
        Count strict,
        Count lenient,
        Count compat,
        int truncated,
        long tokens) {
    /** Keeps a copy. */
    public CaseTally {
        offered = Set.copyOf(offered);
    }

    /**
     * By one way of extraction.
     *
     * @param correct samples with the right answer
     * @param unparsed samples without an answer
     * @param given samples by the text of the option that they answer with
     */
    public record Count(int correct, int unparsed, Map<String, Integer> given) {
        /** Keeps a copy. */
        public Count {
            given = Map.copyOf(given);
        }
    }

    Count count(Grading.Mode mode) {
        return switch (mode) {
            case STRICT -> strict;
            case LENIENT -> lenient;
            case COMPAT -> compat;
        };
    }

    /** Share of right samples. */
    double accuracy(Grading.Mode mode) {
        return (double) count(mode).correct() / samples;
    }
}
