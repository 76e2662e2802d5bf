package ai.consilium.rollout.worker;

import java.util.OptionalDouble;

/**
 * Notices when most completions are cut at the length limit: they have no answer, their groups end filtered, and nothing else
 * would say why. Speaks once, and again when it has been better in between.
 */
final class TruncationWatch {
    /** Completions that are looked at together. */
    private static final int WINDOW = 80;

    private static final double MOST = 0.5;

    private int seen;
    private int cut;
    private boolean said;

    /**
     * Takes the completions of a group.
     *
     * @return the share of the last completions that were cut, when that is worth saying
     */
    synchronized OptionalDouble add(int completions, int truncated) {
        seen += completions;
        cut += truncated;
        if (seen < WINDOW) {
            return OptionalDouble.empty();
        }
        double share = (double) cut / seen;
        seen = 0;
        cut = 0;
        boolean news = share > MOST && !said;
        said = share > MOST;
        return news ? OptionalDouble.of(share) : OptionalDouble.empty();
    }
}
