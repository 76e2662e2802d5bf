package ai.consilium.cli.report;

import ai.consilium.cases.grading.Grading;

/**
 * What one policy's samples of one case came to.
 *
 * @param samples of the case
 * @param strict by strict extraction
 * @param lenient by lenient extraction
 * @param compat by compat extraction
 * @param truncated samples that were cut at the limit
 * @param tokens of all samples
 */
public record CaseTally(int samples, Count strict, Count lenient, Count compat, int truncated, long tokens) {
    /**
     * By one way of extraction.
     *
     * @param correct samples with the right answer
     * @param unparsed samples without an answer
     */
    public record Count(int correct, int unparsed) {}

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
