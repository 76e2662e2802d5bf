package ai.consilium.estimators;

/**
 * Which components have anything to say about a group. Asked of every component by itself: two that cancel in every sum are
 * still signal.
 *
 * @param accuracy whether accuracy contributes to any member's advantage
 * @param format whether format does
 * @param guideline whether guideline scores do
 */
public record RewardSignal(boolean accuracy, boolean format, boolean guideline) {
    /** Of a group that nobody scored. */
    public static final RewardSignal NONE = new RewardSignal(false, false, false);

    /** From the weighted terms of each component; NaN is unobserved. */
    static RewardSignal of(double[] accuracy, double[] format, double[] guideline) {
        return new RewardSignal(
                NanStatistics.varies(accuracy), NanStatistics.varies(format), NanStatistics.varies(guideline));
    }

    /** Whether there is anything to learn from. */
    public boolean any() {
        return accuracy || format || guideline;
    }
}
